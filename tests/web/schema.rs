//! What the declarations of options say is what the options do.

use std::fmt::Debug;

use js_sys::Reflect;
use scratch_mqtt::browser::error::MqttError;
use scratch_mqtt::browser::options::{publish_rate, session_options, subscribe_options};
use scratch_mqtt::browser::properties::publish_properties;
use scratch_mqtt::browser::schema::Interface;
use scratch_mqtt::packet::{PublishProperties, Will};
use scratch_mqtt::session::{PublishRate, SessionOptions, SubscribeOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::heard::object;

/// A member of an interface, as a program reads of it.
struct Member {
    name: String,
    is_optional: bool,
    is_number: bool,
    default: Option<String>,
    unit: String,
}

impl Member {
    fn all(typescript: &str) -> Vec<Self> {
        let (mut default, mut unit) = (None, String::new());
        let mut members = Vec::new();
        for line in typescript.lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("* @default ") {
                default = Some(text.to_owned());
            } else if let Some(text) = line.strip_prefix("* @unit ") {
                unit = text.to_owned();
            } else if let Some((name, kind)) = line.split_once(": ")
                && line.ends_with(';')
            {
                members.push(Self {
                    name: name.trim_end_matches('?').to_owned(),
                    is_optional: name.ends_with('?'),
                    is_number: kind == "number;",
                    default: default.take(),
                    unit: std::mem::take(&mut unit),
                });
            }
        }
        members
    }

    /// The default, and a value that is another one; `None` where it is a sentence.
    fn default_and_another(&self) -> Option<(JsValue, JsValue)> {
        let default = self.default.as_deref()?;
        let word = default
            .strip_prefix('\'')
            .and_then(|it| it.strip_suffix('\''));
        Some(match (default, word) {
            ("true", _) => (true.into(), false.into()),
            ("false", _) => (false.into(), true.into()),
            (_, Some("newest")) => ("newest".into(), "5.0".into()),
            (_, Some("reject-new")) => ("reject-new".into(), "drop-oldest".into()),
            (_, Some("refuse")) => ("refuse".into(), "wait".into()),
            (_, Some(word)) => panic!("another word than {word}"),
            (number, None) => {
                let number: f64 = number.replace(',', "").parse().ok()?;
                (number.into(), (number + 1.0).into())
            }
        })
    }

    /// The least and the largest number, where the unit says them.
    fn range(&self) -> Option<(f64, f64)> {
        let words: Vec<&str> = self.unit.split([' ', ';']).collect();
        let at = words.iter().position(|word| *word == "to")?;
        let number = |word: &str| word.replace(',', "").parse().ok();
        Some((number(words[at - 1])?, number(words[at + 1])?))
    }
}

/// An object with what is required, and one more member.
fn with(required: &[(&str, JsValue)], name: &str, value: &JsValue) -> JsValue {
    let object = object(required);
    Reflect::set(&object, &name.into(), value).unwrap();
    object
}

/// Checks every member of an interface; the number of defaults and ranges that were.
fn check<T: Debug + PartialEq>(
    typescript: &str,
    required: &[(&str, JsValue)],
    read: impl Fn(&JsValue) -> Result<T, MqttError>,
) -> (usize, usize) {
    let nothing_more = read(&object(required)).unwrap();
    let (mut defaults, mut ranges) = (0, 0);
    for member in Member::all(typescript) {
        let name = member.name.as_str();
        let read = |value: &JsValue| read(&with(required, name, value));
        if let Some((default, another)) = member.default_and_another() {
            assert!(member.is_optional, "{name}");
            assert_eq!(read(&default).unwrap(), nothing_more, "{name}");
            assert_ne!(read(&another).unwrap(), nothing_more, "{name}");
            defaults += 1;
        }
        if let Some((least, most)) = member.range().filter(|_| member.is_number) {
            let kind = format!("{name} must be a whole number, {least} to {most}");
            for inside in [least, most] {
                assert!(read(&inside.into()).is_ok(), "{name} {inside}");
            }
            for outside in [least - 1.0, most + 1.0] {
                assert_eq!(read(&outside.into()).unwrap_err().message(), kind);
            }
            ranges += 1;
        }
    }
    (defaults, ranges)
}

#[wasm_bindgen_test]
fn every_default_and_range_of_connect_is_that_of_the_session() {
    let url = [("url", "ws://broker.example/mqtt".into())];
    let read = |given: &JsValue| session_options(given, "alice");

    let checked = check(SessionOptions::TYPESCRIPT, &url, read);

    // As many as there were when this was written: none is overlooked.
    assert!(checked.0 >= 16 && checked.1 >= 6, "{checked:?}");
}

#[wasm_bindgen_test]
fn every_default_and_range_of_a_will_is_that_of_the_session() {
    let required = [("topic", "t".into()), ("payload", "p".into())];
    let read = |given: &JsValue| {
        let url = [("url", "ws://broker.example/mqtt".into())];
        let will = session_options(&with(&url, "will", given), "alice")?
            .will
            .unwrap();
        // No delay and a delay of 0 mean the same.
        let delay_secs = Some(will.delay_secs.unwrap_or_default());
        Ok(Will { delay_secs, ..will })
    };

    assert_eq!(check(Will::TYPESCRIPT, &required, read), (3, 1));
}

#[wasm_bindgen_test]
fn every_default_and_range_of_a_rate_is_that_of_the_session() {
    let required = [("perSecond", 7.into())];

    let checked = check(PublishRate::TYPESCRIPT, &required, publish_rate);

    assert_eq!(checked, (1, 2));
}

#[wasm_bindgen_test]
fn every_default_of_subscribe_is_that_of_the_session() {
    let read = |given: &JsValue| subscribe_options(Some(given)).map(|(options, _)| options);

    assert_eq!(check(SubscribeOptions::TYPESCRIPT, &[], read), (4, 0));
}

#[wasm_bindgen_test]
fn every_range_of_a_message_is_that_of_the_session() {
    let read = |given: &JsValue| publish_properties(given, b"");

    assert_eq!(check(PublishProperties::TYPESCRIPT, &[], read), (0, 1));
}

#[wasm_bindgen_test]
fn every_option_of_connect_has_a_default() {
    for member in Member::all(SessionOptions::TYPESCRIPT) {
        assert_eq!(
            member.default.is_some(),
            member.is_optional,
            "{}",
            member.name
        );
    }
}
