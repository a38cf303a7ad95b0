//! Who may connect.

use mqtt5::broker::AuthResult;
use mqtt5::protocol::v5::reason_codes::ReasonCode;

/// Without a user name, or as `guest` with the password `test`, which the public broker of the
/// classes also accepts. Anything else is refused, so that a wrong password can be tried out.
pub fn check(username: Option<&str>, password: Option<&[u8]>) -> AuthResult {
    match (username, password) {
        // Sketches say `connect(id, "", "")`.
        (None | Some(""), _) => AuthResult::success(),
        (Some("guest"), Some(b"test")) => AuthResult::success_with_user("guest"),
        (Some(_), _) => AuthResult::fail(ReasonCode::BadUsernameOrPassword),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn nobody_in_particular_is_welcome() {
        assert!(check(None, None).authenticated);
        assert!(check(Some(""), Some(b"")).authenticated);
    }

    #[test]
    fn the_guest_of_the_public_broker_is_welcome() {
        assert!(check(Some("guest"), Some(b"test")).authenticated);
    }

    #[test]
    fn a_wrong_password_is_refused() {
        assert!(!check(Some("guest"), Some(b"tset")).authenticated);
        assert!(!check(Some("guest"), None).authenticated);
        assert!(!check(Some("teacher"), Some(b"test")).authenticated);
    }
}
