//! mqtt-protocol-core 0.7 as a reader.

use std::sync::Arc;

use mqtt_protocol_core::mqtt::packet::{Property, v3_1_1, v5_0};
use mqtt_protocol_core::mqtt::result_code::MqttError;
use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1, V5_0};

use super::content::Content;

/// Its reading of one whole packet; `None` if it refuses it. It cuts packets out of a stream, and looks at their first
/// byte, in its session only, so that is done here.
pub fn read(version: ProtocolVersion, frame: &[u8]) -> Option<Content> {
    let length_bytes = frame.iter().skip(1).position(|byte| *byte < 0x80)? + 1;
    let body = frame.get(1 + length_bytes..)?;
    let (content, length) = match version {
        V3_1_1 => read_v3(*frame.first()?, body),
        V5_0 => read_v5(*frame.first()?, body),
    }
    .ok()?;
    (length == body.len()).then(|| content.sorted())
}

fn read_v3(first: u8, body: &[u8]) -> Result<(Content, usize), MqttError> {
    use v3_1_1::{Connack, Pingresp, Puback, Pubcomp, Publish, Pubrec, Pubrel, Suback, Unsuback};
    let content = Content::new(first);
    Ok(match first {
        0x20 => {
            let (it, length) = Connack::parse(body)?;
            let code = it.return_code() as u8;
            (
                content
                    .code(code)
                    .present(it.session_present() && code == 0),
                length,
            )
        }
        0x30..=0x3F => {
            let (it, length) = Publish::parse(first & 0x0F, Arc::from(body))?;
            let content = content.id(it.packet_id().unwrap_or(0));
            (
                content.message(it.topic_name(), it.payload().as_slice()),
                length,
            )
        }
        0x40 => acknowledged(content, Puback::parse(body)?, |it| it.packet_id()),
        0x50 => acknowledged(content, Pubrec::parse(body)?, |it| it.packet_id()),
        0x62 => acknowledged(content, Pubrel::parse(body)?, |it| it.packet_id()),
        0x70 => acknowledged(content, Pubcomp::parse(body)?, |it| it.packet_id()),
        0x90 => {
            let (it, length) = Suback::parse(body)?;
            let codes = it.return_codes().into_iter().map(|code| code as u8);
            (content.id(it.packet_id()).codes(codes), length)
        }
        0xB0 => {
            let (it, length) = Unsuback::parse(body)?;
            (content.id(it.packet_id()), length)
        }
        0xD0 => (content, Pingresp::parse(body)?.1),
        _ => return Err(MqttError::ProtocolError),
    })
}

fn acknowledged<T>(
    content: Content,
    (it, length): (T, usize),
    id: fn(&T) -> u16,
) -> (Content, usize) {
    (content.id(id(&it)).code(0), length)
}

fn read_v5(first: u8, body: &[u8]) -> Result<(Content, usize), MqttError> {
    use v5_0::{
        Auth, Connack, Disconnect, Pingresp, Puback, Pubcomp, Publish, Pubrec, Pubrel, Suback,
        Unsuback,
    };
    let content = Content::new(first);
    /// The four acknowledgements, and DISCONNECT and AUTH without an identifier, have the same shape.
    macro_rules! answer {
        ($packet:ident, $content:expr) => {{
            let (it, length) = $packet::parse(body)?;
            let content: Content = $content(&it);
            let code = it.reason_code().map_or(0, |code| code as u8);
            (content.code(code).with(it.props().iter().flatten()), length)
        }};
    }
    macro_rules! answers {
        ($packet:ident) => {{
            let (it, length) = $packet::parse(body)?;
            let codes = it.reason_codes().into_iter().map(|code| code as u8);
            (
                content.id(it.packet_id()).codes(codes).with(it.props()),
                length,
            )
        }};
    }
    Ok(match first {
        0x20 => {
            let (it, length) = Connack::parse(body)?;
            let code = it.reason_code() as u8;
            let content = content
                .code(code)
                .present(it.session_present() && code == 0);
            (content.with(it.props()), length)
        }
        0x30..=0x3F => {
            let (it, length) = Publish::parse(first & 0x0F, Arc::from(body))?;
            let content = content.id(it.packet_id().unwrap_or(0)).with(it.props());
            (
                content.message(it.topic_name(), it.payload().as_slice()),
                length,
            )
        }
        0x40 => answer!(Puback, |it: &Puback| content.id(it.packet_id())),
        0x50 => answer!(Pubrec, |it: &Pubrec| content.id(it.packet_id())),
        0x62 => answer!(Pubrel, |it: &Pubrel| content.id(it.packet_id())),
        0x70 => answer!(Pubcomp, |it: &Pubcomp| content.id(it.packet_id())),
        0x90 => answers!(Suback),
        0xB0 => answers!(Unsuback),
        0xD0 => (content, Pingresp::parse(body)?.1),
        0xE0 => answer!(Disconnect, |_: &Disconnect| content),
        0xF0 => answer!(Auth, |_: &Auth| content),
        _ => return Err(MqttError::ProtocolError),
    })
}

impl Content {
    fn with<'p>(mut self, properties: impl IntoIterator<Item = &'p Property>) -> Self {
        let properties = properties.into_iter();
        self.properties
            .extend(properties.map(Property::to_continuous_buffer));
        self
    }
}
