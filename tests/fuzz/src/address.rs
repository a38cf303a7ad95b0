//! What somebody typed as the address of a broker.

use scratch_mqtt::address::BrokerAddress;

/// Every text gives addresses of WebSockets, or a reason; and the login is in none of them.
#[test]
fn address() {
    bolero::check!().for_each(|input: &[u8]| {
        let Some((choice, text)) = input.split_first() else {
            return;
        };
        let Ok(text) = std::str::from_utf8(text) else {
            return;
        };
        let secure_page = choice & 1 == 1;

        let address = BrokerAddress::parse(text, secure_page);

        assert_eq!(address.error.is_none(), !address.urls.is_empty());
        for url in &address.urls {
            let rest = url.strip_prefix("ws://").or(url.strip_prefix("wss://"));
            let authority = rest.unwrap().split(['/', '?']).next().unwrap();
            assert!(!authority.is_empty() && !authority.contains('@'), "{url}");
            assert!(!url.contains(['#', ' ', '\n', '\0']), "{url}");
        }
        let secret = address.password.as_deref().unwrap_or_default();
        let behind = text.rsplit(['@', '＠']).next().unwrap_or_default();
        if secret.len() > 3 && !behind.contains(secret) {
            assert!(!address.shown.contains(secret), "{}", address.shown);
        }
    });
}
