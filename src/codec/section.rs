//! The properties of a packet that is written.

use super::error::EncodeError;
use super::fields;
use super::properties::{self, Kind, Packets};
use super::varint::{self, Varint};

/// Properties, each checked against the table, in the order in which they were added.
#[derive(Debug)]
pub(super) struct Section {
    packet: Packets,
    bytes: Vec<u8>,
    /// What is wrong with the first that cannot be written.
    problem: Option<EncodeError>,
}

impl Section {
    /// None yet.
    pub const fn new(packet: Packets) -> Self {
        Self {
            packet,
            bytes: Vec::new(),
            problem: None,
        }
    }

    /// Adds a number, if there is one.
    pub fn number(&mut self, property: u8, number: Option<impl Into<u32>>) -> &mut Self {
        let Some(number) = number.map(Into::into) else {
            return self;
        };
        let Some(kind) = self.begin(property) else {
            return self;
        };
        if let Some(what) = kind.problem(number) {
            self.fails(EncodeError::NotAllowed { what });
        }
        let [_, _, high, low] = number.to_be_bytes();
        match kind {
            Kind::Flag => self.bytes.push(low),
            Kind::Number16 | Kind::NonZero16 | Kind::Alias => self.bytes.extend([high, low]),
            Kind::SubscriptionId => self
                .bytes
                .extend_from_slice(Varint::new(number as usize).as_slice()),
            _ => self.bytes.extend(number.to_be_bytes()),
        }
        self
    }

    /// Adds a text, if there is one.
    pub fn text(&mut self, property: u8, what: &'static str, text: Option<&str>) -> &mut Self {
        if let Some(text) = text {
            self.begin(property);
            self.add(text.as_bytes(), fields::text(what, text));
        }
        self
    }

    /// Adds bytes, if there are any.
    pub fn binary(&mut self, property: u8, what: &'static str, bytes: Option<&[u8]>) -> &mut Self {
        if let Some(bytes) = bytes {
            self.begin(property);
            self.add(bytes, fields::binary(what, bytes));
        }
        self
    }

    /// Adds User Properties.
    pub fn pairs(&mut self, pairs: &[(String, String)]) -> &mut Self {
        for (name, value) in pairs {
            self.begin(properties::USER_PROPERTY);
            for text in [name, value] {
                self.add(text.as_bytes(), fields::text("user property", text));
            }
        }
        self
    }

    /// The same, unless a property cannot be written.
    pub fn checked(self) -> Result<Self, EncodeError> {
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self),
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes they take, with their length.
    pub const fn len(&self) -> usize {
        varint::len(self.bytes.len()) + self.bytes.len()
    }

    /// How long the properties are.
    pub fn length(&self) -> Varint {
        Varint::new(self.bytes.len())
    }

    /// The properties without their length.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn begin(&mut self, property: u8) -> Option<Kind> {
        let row = properties::row(property).filter(|row| row.sent & self.packet != 0);
        if row.is_none() {
            let what = "property that this packet cannot have";
            self.fails(EncodeError::NotAllowed { what });
        }
        self.bytes.push(property);
        row.map(|row| row.kind)
    }

    fn add(&mut self, bytes: &[u8], length: Result<[u8; 2], EncodeError>) {
        match length {
            Ok(length) => self.bytes.extend(length),
            Err(problem) => self.fails(problem),
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn fails(&mut self, problem: EncodeError) {
        self.problem.get_or_insert(problem);
    }
}
