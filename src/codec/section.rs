//! The properties of a packet that is written.

use bytes::BufMut;

use super::error::EncodeError;
use super::fields;
use super::properties::{self, Kind, Packets, Row};
use super::varint;

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
        if let Some(number) = number {
            self.add_number(property, number.into());
        }
        self
    }

    /// Adds a text, if there is one.
    pub fn text(&mut self, property: u8, text: Option<&str>) -> &mut Self {
        if let Some(text) = text {
            let name = self.begin(property).map_or("", |row| row.name);
            self.add(text.as_bytes(), fields::text(name, text));
        }
        self
    }

    /// Adds bytes, if there are any.
    pub fn binary(&mut self, property: u8, bytes: Option<&[u8]>) -> &mut Self {
        if let Some(bytes) = bytes {
            let name = self.begin(property).map_or("", |row| row.name);
            self.add(bytes, fields::binary(name, bytes));
        }
        self
    }

    /// Adds User Properties.
    pub fn pairs(&mut self, pairs: &[(String, String)]) -> &mut Self {
        for (name, value) in pairs {
            let what = self.begin(properties::USER_PROPERTY);
            let what = what.map_or("", |row| row.name);
            for text in [name, value] {
                self.add(text.as_bytes(), fields::text(what, text));
            }
        }
        self
    }

    /// The properties behind their length, if there are any; unless one of them cannot be written.
    pub fn finish(mut self) -> Result<Option<Vec<u8>>, EncodeError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let mut whole = Vec::new();
        varint::put(&mut whole, self.bytes.len());
        whole.append(&mut self.bytes);
        Ok(Some(whole))
    }

    fn add_number(&mut self, property: u8, number: u32) {
        let Some(Row { kind, .. }) = self.begin(property) else {
            return;
        };
        if let Some(what) = kind.problem(number) {
            self.fails(EncodeError::NotAllowed { what });
        }
        match kind {
            Kind::Flag | Kind::Byte => self.bytes.put_u8(number as u8),
            Kind::Number16 | Kind::NonZero16 | Kind::Alias => self.bytes.put_u16(number as u16),
            Kind::SubscriptionId => varint::put(&mut self.bytes, number as usize),
            _ => self.bytes.put_u32(number),
        }
    }

    fn begin(&mut self, property: u8) -> Option<Row> {
        let row = properties::row(property).filter(|row| row.sent & self.packet != 0);
        if row.is_none() {
            let what = "property that this packet cannot have";
            self.fails(EncodeError::NotAllowed { what });
        }
        self.bytes.put_u8(property);
        row
    }

    fn add(&mut self, bytes: &[u8], length: Result<u16, EncodeError>) {
        match length {
            Ok(length) => self.bytes.put_u16(length),
            Err(problem) => self.fails(problem),
        }
        self.bytes.put_slice(bytes);
    }

    fn fails(&mut self, problem: EncodeError) {
        self.problem.get_or_insert(problem);
    }
}
