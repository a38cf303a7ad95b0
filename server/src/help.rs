//! What the program says of itself.

/// What a person can choose. What `npm start` gives beside it, `Options::from_arguments` has.
pub const HELP: &str = "\
The class server: a broker for MQTT, the Scratch editor with the blocks, and the pages of a class, in one program.

Without options it opens the class page in the browser within a second. Only this computer can connect until somebody
clicks on “Let the class in” there. Press Ctrl+C, close its window, or click on “End the server” to stop.

  --class-word WORD          what other computers type to be let in, 4 to 40 letters and digits, and boards have as
                             password; without it there is another one for each lesson, shown on the class page
  --no-class-word            they need none: whoever can reach this computer is let in
  --allow-origin WEBSITE     a website whose pages may use the broker, beside the editors that are known by name;
                             more than once for several
  --allow-null-origin        pages without an origin may use it: sandboxed editors, but every website too
  --name NAME                one more name of this computer, which pages and projects may use
  --messages-per-second NUMBER   how fast one client may publish for long, 50; 0: no limit
  --store FOLDER             where sessions and retained messages are until the lesson ends; without it in the cache
                             folder of this user
  --no-browser               opens no page
  --version                  which build this is
  --help                     this text

  scratch-mqtt --class-word kiwi-otter";

#[cfg(test)]
mod tests {
    use super::HELP;

    /// For programs that start this one.
    const INTERNAL: [&str; 5] = ["--pages", "--root", "--editor", "--other-broker", "--desk"];

    #[test]
    fn every_option_for_people_is_there() {
        let read = include_str!("options.rs");
        let matched = read.lines().filter_map(|line| {
            let (_, rest) = line.split_once('"')?;
            let (option, after) = rest.split_once('"')?;
            (option.starts_with("--") && after.starts_with(" =>")).then_some(option)
        });

        let missing: Vec<&str> = matched
            .filter(|option| !INTERNAL.contains(option) && !HELP.contains(option))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
