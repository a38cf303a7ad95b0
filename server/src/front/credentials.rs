//! The login in a CONNECT from another computer, which is the word of the class: the broker inside sees a client
//! without a login, or one that it refuses itself, in the words of each version of MQTT.

use crate::class::{Cursor, VERSION_5};
use crate::front::dialect::put_block;

const HAS_USERNAME: u8 = 0x80;
const HAS_PASSWORD: u8 = 0x40;
const HAS_WILL: u8 = 0x04;

/// No login of the broker has this name.
const NOBODY: &[u8] = b"nobody";

/// Where the parts are that are about the login. [MQTT5-3.1]
pub struct Credentials<'a> {
    /// CONNECT after its fixed header, up to the user name.
    before: &'a [u8],
    /// Where the flags are.
    flags_at: usize,
    flags: u8,
    pub password: Option<&'a [u8]>,
}

impl<'a> Credentials<'a> {
    /// `None` for what is no CONNECT.
    pub fn read(connect: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(connect);
        cursor.block()?;
        let version = cursor.byte()?;
        let flags_at = connect.len() - cursor.rest().len();
        let flags = cursor.byte()?;
        let _keep_alive = cursor.u16()?;
        let has_properties = version == VERSION_5;
        if has_properties {
            cursor.properties()?;
        }
        let _client_id = cursor.block()?;
        if flags & HAS_WILL != 0 {
            if has_properties {
                cursor.properties()?;
            }
            let _topic = cursor.block()?;
            let _message = cursor.block()?;
        }
        let before = connect.get(..connect.len() - cursor.rest().len())?;
        if flags & HAS_USERNAME != 0 {
            cursor.block()?;
        }
        let password = match flags & HAS_PASSWORD {
            0 => None,
            _ => Some(cursor.block()?),
        };
        // What follows would be read as something else, by whoever reads it.
        cursor.rest().is_empty().then_some(Self {
            before,
            flags_at,
            flags,
            password,
        })
    }

    /// The CONNECT for the broker, after its fixed header: as if nobody had logged in.
    pub fn welcome(&self) -> Option<Vec<u8>> {
        self.with(0, &[])
    }

    /// The CONNECT for the broker, which refuses it.
    pub fn refused(&self) -> Option<Vec<u8>> {
        let mut nobody = Vec::new();
        put_block(&mut nobody, NOBODY);
        self.with(HAS_USERNAME, &nobody)
    }

    fn with(&self, login: u8, after: &[u8]) -> Option<Vec<u8>> {
        let mut words = self.before.to_vec();
        *words.get_mut(self.flags_at)? = self.flags & !(HAS_USERNAME | HAS_PASSWORD) | login;
        words.extend_from_slice(after);
        Some(words)
    }
}

#[cfg(test)]
mod tests {
    use super::Credentials;

    const OLD: &[u8] = b"\x00\x04MQTT\x04\xc2\x00\x0a\x00\x01a\x00\x05class\x00\x04word";
    /// With properties, and a last will that has some too.
    const NEW: &[u8] =
        b"\x00\x04MQTT\x05\xc6\x00\x0a\x05\x11\x00\x00\x00\x0a\x00\x01a\x05\x18\x00\x00\x00\x01\
        \x00\x01t\x00\x01m\x00\x05class\x00\x04word";

    #[test]
    fn the_password_is_found_in_both_versions() {
        for connect in [OLD, NEW] {
            let password = Credentials::read(connect).unwrap().password;
            assert_eq!(password, Some(&b"word"[..]));
        }
        let without = Credentials::read(b"\x00\x04MQTT\x04\x02\x00\x0a\x00\x01a").unwrap();
        assert_eq!(without.password, None);
    }

    #[test]
    fn a_login_is_taken_out_or_made_one_of_nobody() {
        let old = Credentials::read(OLD).unwrap();
        assert_eq!(
            old.welcome().unwrap(),
            b"\x00\x04MQTT\x04\x02\x00\x0a\x00\x01a"
        );
        assert_eq!(
            old.refused().unwrap(),
            b"\x00\x04MQTT\x04\x82\x00\x0a\x00\x01a\x00\x06nobody"
        );
        let new = Credentials::read(NEW).unwrap().welcome().unwrap();
        assert!(new.ends_with(b"\x00\x01t\x00\x01m"));
        assert_eq!(new.get(7), Some(&0x06));
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_no_connect() {
        for connect in [OLD, NEW] {
            for length in 0..connect.len() {
                assert!(Credentials::read(&connect[..length]).is_none(), "{length}");
            }
            assert!(Credentials::read(&[connect, b"x"].concat()).is_none());
        }
    }
}
