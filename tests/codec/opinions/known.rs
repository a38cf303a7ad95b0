//! Where other readers differ from ours, and why that is right.

use scratch_mqtt::codec::ProtocolError;
use scratch_mqtt::packet::ProtocolVersion::{V3_1_1, V5_0};

use super::Heard;

/// One difference.
pub struct Known {
    pub why: &'static str,
    pub is_it: fn(&Heard<'_>) -> bool,
}

pub const OF_MQTTBYTES: &[Known] = &[
    Known {
        why: "it takes what only a client sends, and reserved flags",
        is_it: |heard| {
            heard.we_refuse(&[
                "only a client sends it",
                "reserved flags are not 0000",
                "reserved flags are not 0010",
                "DUP flag with QoS 0",
                "reserved acknowledge flags are not 0",
            ])
        },
    },
    Known {
        why: "it takes what stands behind the last field, and lengths of more bytes than needed",
        is_it: |heard| {
            heard.we_refuse(&[
                "bytes after the last field",
                "a packet of this type cannot have this length",
                "a number takes more bytes than it needs",
            ])
        },
    },
    Known {
        why: "it takes the identifier 0, which only a PUBLISH must not have",
        is_it: |heard| heard.we_refuse(&["packet identifier 0"]),
    },
    Known {
        why: "it does not look into texts, topics and values",
        is_it: |heard| {
            heard.we_refuse(&[
                "text contains the null character",
                "text is not UTF-8",
                "topic is empty",
                "topic is empty, and no topic alias",
                "topic contains + or #",
                "property that is not 0 or 1",
                "property that must not be 0",
                "the same property twice",
                "authentication data without a method",
                "topic alias",
            ])
        },
    },
    Known {
        why: "it lets a property run past the end of the properties",
        is_it: |heard| {
            heard.we_refuse(&[
                "a field runs past the end of its packet",
                "a number runs past the end of its packet",
            ])
        },
    },
    Known {
        why: "it counts one byte too many for each subscription identifier",
        is_it: |heard| {
            let theirs = heard.theirs.map_or(&[][..], |content| &content.properties);
            let ids = theirs.iter().filter(|property| property[0] == 0x0B).count();
            ids > 1 || ids == 1 && heard.ours.is_err()
        },
    },
    MEANINGLESS,
    UNLISTED_CODE,
    NO_CODE,
    SHORT_CONNACK,
    Known {
        why: "it waits for the properties of a DISCONNECT that ends before them",
        is_it: |heard| heard.they_refuse() && matches!(heard.frame, [0xE0, 0] | [0xE0, 1, _]),
    },
    ONLY_FROM_A_CLIENT,
    Known {
        why: "it does not know AUTH",
        is_it: |heard| heard.they_refuse() && heard.frame.first() == Some(&0xF0),
    },
];

pub const OF_PROTOCOL_CORE: &[Known] = &[
    Known {
        why: "it refuses AUTH without a method, which we refuse in the session",
        is_it: |heard| heard.they_refuse() && heard.frame.first() == Some(&0xF0),
    },
    Known {
        why: "it leaves flags, identifiers and lengths to its session, and to the sender",
        is_it: |heard| {
            heard.we_refuse(&[
                "DUP flag with QoS 0",
                "reserved acknowledge flags are not 0",
                "packet identifier 0",
                "a packet of this type cannot have this length",
                "a number takes more bytes than it needs",
            ])
        },
    },
    ONLY_FROM_A_CLIENT,
    Known {
        why: "it takes PUBLISH and AUTH that end before the length of their properties",
        is_it: |heard| {
            let is_one = matches!(heard.frame, [0x30..=0x3F, ..] | [0xF0, 1, _]);
            is_one && heard.we_refuse(&["a number runs past the end of its packet"])
        },
    },
    Known {
        why: "it takes authentication data without a method",
        is_it: |heard| heard.we_refuse(&["authentication data without a method"]),
    },
    Known {
        why: "it checks texts and topics when it writes them",
        is_it: |heard| {
            heard.we_refuse(&[
                "text contains the null character",
                "topic is empty",
                "topic is empty, and no topic alias",
                "topic contains + or #",
            ])
        },
    },
    MEANINGLESS,
    UNLISTED_CODE,
    NO_CODE,
    SHORT_CONNACK,
];

/// [MQTT5-3.3.2-14]
const MEANINGLESS: Known = Known {
    why: "it hands out a payload format above 1 and a response topic that is none, or refuses them",
    is_it: |heard| {
        let is_format = |pair: &[u8]| pair[0] == 0x01 && pair[1] > 1;
        match heard.theirs {
            Some(theirs) => heard.ours.as_ref() == Ok(&theirs.clone().without_meaningless()),
            None => heard.they_refuse() && heard.frame.windows(2).any(is_format),
        }
    },
};

const UNLISTED_CODE: Known = Known {
    why: "it refuses codes that servers send and no list has",
    is_it: |heard| heard.they_refuse() && heard.has_unlisted_code(),
};

const NO_CODE: Known = Known {
    why: "it refuses SUBACK and UNSUBACK without codes",
    is_it: |heard| heard.they_refuse() && heard.has_no_code(),
};

const SHORT_CONNACK: Known = Known {
    why: "it does not know that a server of 3.1.1 answers a CONNECT of 5.0 in its own format",
    is_it: |heard| heard.they_refuse() && heard.is_short_connack(),
};

const ONLY_FROM_A_CLIENT: Known = Known {
    why: "it takes the code of a DISCONNECT that only a client sends",
    is_it: |heard| {
        let is_sent = matches!(heard.frame, [0xE0, _, 4, ..]);
        is_sent && heard.we_refuse(&["reason code is not one of its list"])
    },
};

impl Heard<'_> {
    /// Whether they take what we refuse for one of these reasons.
    fn we_refuse(&self, reasons: &[&str]) -> bool {
        let what = match self.ours {
            Err(ProtocolError::Malformed { what, .. } | ProtocolError::Violation { what, .. }) => {
                what
            }
            Err(ProtocolError::TopicAliasInvalid) => "topic alias",
            Err(_) | Ok(_) => return false,
        };
        reasons.contains(&what)
    }

    fn they_refuse(&self) -> bool {
        self.ours.is_ok() && self.theirs.is_none()
    }

    fn has_no_code(&self) -> bool {
        let is_answer = matches!(self.frame.first(), Some(0x90 | 0xB0));
        is_answer
            && self
                .ours
                .as_ref()
                .is_ok_and(|content| content.codes.is_empty())
    }

    fn is_short_connack(&self) -> bool {
        self.version == V5_0 && matches!(self.frame, [0x20, 2, ..])
    }

    /// Whether a code is none of those that the specification has for the packet.
    fn has_unlisted_code(&self) -> bool {
        let listed: &[u8] = match (self.version, self.frame.first()) {
            (V3_1_1, Some(0x20)) => &[0, 1, 2, 3, 4, 5],
            (V3_1_1, Some(0x90)) => &[0, 1, 2, 0x80],
            (V5_0, Some(0x20)) => &[
                0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90,
                0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
            ],
            (V5_0, Some(0x40 | 0x50)) => &[0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
            (V5_0, Some(0x62 | 0x70)) => &[0, 0x92],
            (V5_0, Some(0x90)) => &[
                0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2,
            ],
            (V5_0, Some(0xB0)) => &[0, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91],
            // Both leave 0x8C out, which table 2-6 gives to DISCONNECT too.
            (V5_0, Some(0xE0)) => &[
                0, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94,
                0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
            ],
            _ => return false,
        };
        let codes = self.ours.iter().flat_map(|content| &content.codes);
        codes.clone().any(|code| !listed.contains(code))
    }
}
