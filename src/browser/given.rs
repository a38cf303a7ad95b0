//! Reads what a program gives in objects, one named value at a time.

use std::ops::RangeInclusive;
use std::time::Duration;

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use crate::text::{self, MAX_FIELD_BYTES};

#[wasm_bindgen(module = "/src/browser/border.js")]
extern "C" {
    #[wasm_bindgen(js_name = bytesLength)]
    fn length_of_bytes(value: &JsValue) -> f64;

    #[wasm_bindgen(js_name = copyBytes)]
    fn copy_bytes(value: &JsValue, at: *mut u8, room: usize) -> bool;

    #[wasm_bindgen(js_name = namesOf)]
    fn names_of(object: &JsValue) -> Option<Array>;

    #[wasm_bindgen(js_name = itemsOf)]
    fn items_of(value: &JsValue) -> Option<Array>;

    #[wasm_bindgen(js_name = pairsOf)]
    fn pairs_of(object: &JsValue) -> Option<Array>;
}

/// Any whole number of 32 bits.
pub const ANY: RangeInclusive<u32> = 0..=u32::MAX;

/// An object whose names are all known.
pub struct Given<'a>(&'a JsValue);

impl<'a> Given<'a> {
    /// Looks at an object of a program; `what` it is called in messages.
    ///
    /// # Errors
    ///
    /// `bad-argument`: it is none, or it has a name that is not known: a misspelled one would
    /// otherwise be ignored in silence.
    pub fn new(what: &str, object: &'a JsValue, names: &[&str]) -> Result<Self, MqttError> {
        let given = object.is_object().then(|| names_of(object)).flatten();
        for key in given.ok_or_else(|| wrong_kind(what, "an object"))?.iter() {
            let key = key.as_string().unwrap_or_default();
            if !names.contains(&key.as_str()) {
                return Err(MqttError::bad_argument(&["unknown option ", &key]));
            }
        }
        Ok(Self(object))
    }

    /// The value of a name; `None` for undefined and null.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<JsValue> {
        let value = Reflect::get(self.0, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    /// A text.
    ///
    /// # Errors
    ///
    /// `bad-argument` for anything else.
    pub fn text(&self, name: &str) -> Result<Option<String>, MqttError> {
        self.read(name, "a string", |value| value.as_string())
    }

    /// A text that fits a field of a packet. [MQTT-1.5.3-2]
    ///
    /// # Errors
    ///
    /// `bad-argument` for anything else.
    pub fn field(&self, name: &str) -> Result<Option<String>, MqttError> {
        let text = self.text(name)?;
        if text.as_deref().is_some_and(|text| !is_field(text)) {
            return Err(no_field(name));
        }
        Ok(text)
    }

    /// True or false.
    ///
    /// # Errors
    ///
    /// `bad-argument` for anything else.
    pub fn truth(&self, name: &str) -> Result<Option<bool>, MqttError> {
        self.read(name, "true or false", |value| value.as_bool())
    }

    // Once for all options, of which each says another range.
    #[inline(never)]
    fn number(&self, name: &str, range: &RangeInclusive<u32>) -> Result<Option<u32>, MqttError> {
        let number = self.value(name).map(|value| value.as_f64());
        let number = number.map(|number| whole_number(name, number.unwrap_or(f64::NAN), range));
        number.transpose()
    }

    /// Pairs of texts: an array of arrays, or an object.
    ///
    /// # Errors
    ///
    /// `bad-argument` for anything else.
    pub fn pairs(&self, name: &str) -> Result<Option<Vec<(String, String)>>, MqttError> {
        let kind = "an object, or an array of pairs of strings";
        let texts = self.read(name, kind, |value| {
            let texts = value.is_object().then(|| pairs_of(&value)).flatten()?;
            texts.iter().map(|text| text.as_string()).collect()
        })?;
        let Some(texts) = texts else {
            return Ok(None);
        };
        let mut texts = Vec::<String>::into_iter(texts);
        let mut read = Vec::new();
        while let (Some(key), Some(value)) = (texts.next(), texts.next()) {
            if !is_field(&key) || !is_field(&value) {
                return Err(no_field(name));
            }
            read.push((key, value));
        }
        Ok(Some(read))
    }

    /// Texts: one, or an array of them.
    ///
    /// # Errors
    ///
    /// `bad-argument` for anything else.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, MqttError> {
        self.read(name, "a string or an array of strings", |value| {
            if let Some(text) = value.as_string() {
                return Some(vec![text]);
            }
            let texts = items_of(&value)?;
            texts.iter().map(|text| text.as_string()).collect()
        })
    }

    /// A value that `read` understands.
    ///
    /// # Errors
    ///
    /// `bad-argument` with the kind that is wanted.
    pub fn read<T>(
        &self,
        name: &str,
        kind: &str,
        read: impl FnOnce(JsValue) -> Option<T>,
    ) -> Result<Option<T>, MqttError> {
        let read = self
            .value(name)
            .map(|value| read(value).ok_or_else(|| wrong_kind(name, kind)));
        read.transpose()
    }
}

/// Reads a whole number within a range.
pub fn number(
    range: RangeInclusive<u32>,
) -> impl FnOnce(&Given<'_>, &str) -> Result<Option<u32>, MqttError> {
    move |given, name| given.number(name, &range)
}

/// Reads a whole number within a range of 16 bits.
pub fn number_16(
    range: RangeInclusive<u16>,
) -> impl FnOnce(&Given<'_>, &str) -> Result<Option<u16>, MqttError> {
    let (least, most) = range.into_inner();
    // Within 16 bits, because the range is.
    converted(u32::from(least)..=u32::from(most), |number| number as u16)
}

/// Reads how many messages or bytes.
pub fn size(
    range: RangeInclusive<u32>,
) -> impl FnOnce(&Given<'_>, &str) -> Result<Option<usize>, MqttError> {
    converted(range, |number| number as usize)
}

/// Reads a time in whole seconds.
pub fn seconds(
    range: RangeInclusive<u32>,
) -> impl FnOnce(&Given<'_>, &str) -> Result<Option<Duration>, MqttError> {
    converted(range, |number| Duration::from_secs(u64::from(number)))
}

/// Reads a time in whole milliseconds.
pub fn milliseconds(
    range: RangeInclusive<u32>,
) -> impl FnOnce(&Given<'_>, &str) -> Result<Option<Duration>, MqttError> {
    converted(range, |number| Duration::from_millis(u64::from(number)))
}

fn converted<T>(
    range: RangeInclusive<u32>,
    convert: impl FnOnce(u32) -> T,
) -> impl FnOnce(&Given<'_>, &str) -> Result<Option<T>, MqttError> {
    move |given, name| Ok(number(range)(given, name)?.map(convert))
}

/// A number that is whole and within a range.
///
/// # Errors
///
/// `bad-argument` with the name for any other.
pub fn whole_number(
    name: &str,
    number: f64,
    range: &RangeInclusive<u32>,
) -> Result<u32, MqttError> {
    let (least, most) = (*range.start(), *range.end());
    if number.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(&number) {
        return Ok(number as u32);
    }
    let (least, most) = (least.to_string(), most.to_string());
    let kind = ["a whole number, ", &least, " to ", &most].concat();
    Err(wrong_kind(name, &kind))
}

/// Bytes that fit a field of a packet.
#[must_use]
pub const fn fits_field(bytes: usize) -> bool {
    bytes <= MAX_FIELD_BYTES
}

/// The error for a value of the wrong kind. The value is not repeated: it may be a password.
#[cold]
#[must_use]
pub fn wrong_kind(name: &str, kind: &str) -> MqttError {
    MqttError::bad_argument(&[name, " must be ", kind])
}

/// How many bytes a `Uint8Array` has, whatever it says itself; `None` for everything else, and for
/// one whose memory was taken away.
#[must_use]
pub fn bytes_length(value: &JsValue) -> Option<usize> {
    // Below 2 to the power of 53, and saturating where an address has 32 bits.
    let length = length_of_bytes(value);
    (length >= 0.0).then_some(length as usize)
}

/// The bytes of a `Uint8Array`, of which there are as many as [`bytes_length`] says.
#[must_use]
pub fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    let mut bytes = vec![0; bytes_length(value)?];
    copy_bytes(value, bytes.as_mut_ptr(), bytes.len()).then_some(bytes)
}

fn is_field(text: &str) -> bool {
    text::check(text).is_ok()
}

fn no_field(name: &str) -> MqttError {
    let problem = " is longer than 65535 bytes or contains the null character";
    MqttError::bad_argument(&[name, problem])
}

/// A text of a program; `name` it is called in messages.
///
/// # Errors
///
/// `bad-argument` for anything else.
pub fn text(name: &str, value: &JsValue) -> Result<String, MqttError> {
    value
        .as_string()
        .ok_or_else(|| wrong_kind(name, "a string"))
}
