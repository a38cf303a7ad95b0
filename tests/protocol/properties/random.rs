//! The only source of chance: the same choices make the same run.

/// How many choices of a step are drawn, and shrink with it. What a step wants beyond them follows from them.
pub const CHOICES: usize = 12;

/// Choices that were drawn, and after them SplitMix64.
pub struct Random {
    /// The next one is the last.
    drawn: Vec<u32>,
    chance: u64,
}

impl Random {
    pub fn new(choices: &[u32]) -> Self {
        let mut random = Self {
            drawn: Vec::new(),
            chance: 0,
        };
        random.draw_from(choices);
        random
    }

    /// The next choices, whatever those before them have used: a step that is taken out of a history
    /// leaves the other steps as they are.
    pub fn draw_from(&mut self, choices: &[u32]) {
        self.drawn = choices.iter().rev().copied().collect();
        self.chance = choices.iter().fold(0, |chance, choice| {
            (chance ^ u64::from(*choice)).wrapping_mul(0x0000_0100_0000_01B3)
        });
    }

    /// 0 to `end` - 1.
    pub fn below(&mut self, end: usize) -> usize {
        let choice = self.drawn.pop().map_or_else(|| self.mixed(), u64::from);
        usize::try_from(choice % end as u64).unwrap()
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn mixed(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
