//! Reading fields one after another; running out of bytes is an error, never a panic.

use super::error::ProtocolError;
use super::varint;
use crate::packet::{PacketId, PacketType, ProtocolVersion};
use crate::text;

/// A place in the body of a packet.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    rest: &'a [u8],
    packet: PacketType,
}

impl<'a> Cursor<'a> {
    /// At the start of `bytes`, which belong to a packet of this type.
    pub const fn new(bytes: &'a [u8], packet: PacketType) -> Self {
        Self {
            rest: bytes,
            packet,
        }
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, ProtocolError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// A Two Byte Integer.
    pub fn u16(&mut self) -> Result<u16, ProtocolError> {
        self.array().map(u16::from_be_bytes)
    }

    /// A Four Byte Integer.
    pub fn u32(&mut self) -> Result<u32, ProtocolError> {
        self.array().map(u32::from_be_bytes)
    }

    /// A Variable Byte Integer in as few bytes as possible. [MQTT5-1.5.5-1]
    pub fn varint(&mut self) -> Result<usize, ProtocolError> {
        match varint::read(self.rest, ProtocolVersion::V5_0) {
            Ok(Some((number, length))) => {
                self.take(length)?;
                Ok(number)
            }
            Ok(None) => Err(self.malformed("a number runs past the end of its packet")),
            Err(what) => Err(self.malformed(what)),
        }
    }

    /// A Packet Identifier, which is not 0. [MQTT-2.3.1-1] [MQTT5-2.2.1-3]
    pub fn packet_id(&mut self) -> Result<PacketId, ProtocolError> {
        PacketId::new(self.u16()?).ok_or_else(|| self.malformed("packet identifier 0"))
    }

    /// Binary data: two bytes of length, then as many bytes.
    pub fn binary(&mut self) -> Result<&'a [u8], ProtocolError> {
        let length = self.u16()?;
        self.take(length.into())
    }

    /// A text.
    pub fn text(&mut self) -> Result<&'a str, ProtocolError> {
        let bytes = self.binary()?;
        self.text_of(bytes)
    }

    /// Bytes as text: well-formed UTF-8 [MQTT-1.5.3-1] [MQTT5-1.5.4-1] without U+0000 [MQTT-1.5.3-2]
    /// [MQTT5-1.5.4-2]. A byte order mark is a character like any other. [MQTT-1.5.3-3]
    pub fn text_of<'b>(&self, bytes: &'b [u8]) -> Result<&'b str, ProtocolError> {
        let read = std::str::from_utf8(bytes).map_err(|_| self.malformed("text is not UTF-8"))?;
        match text::check(read) {
            Ok(()) => Ok(read),
            Err(_) => Err(self.malformed("text contains the null character")),
        }
    }

    /// Goes over this byte, if it is the next one.
    #[inline(always)]
    pub fn skips(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// So many bytes.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], ProtocolError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| self.malformed("a field runs past the end of its packet"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// How many bytes were not read.
    pub const fn len(&self) -> usize {
        self.rest.len()
    }

    /// Whether everything was read.
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Demands that everything was read.
    pub fn end(&self) -> Result<(), ProtocolError> {
        if self.is_at_end() {
            return Ok(());
        }
        Err(self.malformed("bytes after the last field"))
    }

    /// The type of the packet.
    pub const fn packet(&self) -> PacketType {
        self.packet
    }

    /// The error that the bytes cannot be what the specification says.
    pub const fn malformed(&self, what: &'static str) -> ProtocolError {
        ProtocolError::Malformed {
            packet: Some(self.packet),
            what,
        }
    }

    /// The error that the packet must not be sent in this form.
    pub const fn violation(&self, what: &'static str) -> ProtocolError {
        ProtocolError::Violation {
            packet: self.packet,
            what,
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ProtocolError> {
        match self.rest.split_first_chunk() {
            Some((array, rest)) => {
                self.rest = rest;
                Ok(*array)
            }
            None => Err(self.malformed("a field runs past the end of its packet")),
        }
    }
}
