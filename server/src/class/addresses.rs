//! Under which addresses others on the network reach the pages, and a picture of one for their cameras.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use qrcode::QrCode;
use qrcode::render::svg;

/// Somewhere that is not here; nothing is sent to it. (RFC 5737)
const ELSEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// The width of the picture; it is scaled by the page.
const PICTURE_PIXELS: u32 = 240;

/// Addresses for the others in the room, the likeliest first; none where only this computer is let in.
/// Not every device understands the name that this computer has on the network, so it is the last.
pub fn for_others(listens: SocketAddr, name: Option<&str>) -> Vec<String> {
    let found: Vec<IpAddr> = match listens.ip() {
        address if address.is_loopback() => Vec::new(),
        address if address.is_unspecified() => of_this_computer(),
        address => vec![address],
    };
    let port = listens.port();
    found
        .into_iter()
        .map(|address| SocketAddr::new(address, port).to_string())
        .chain(name.map(|name| format!("{name}:{port}")))
        .map(|place| format!("http://{place}/"))
        .collect()
}

/// The address of the network that leads outside comes first: others are virtual or unused.
fn of_this_computer() -> Vec<IpAddr> {
    let outward = outward();
    let mut found: Vec<IpAddr> = if_addrs::get_if_addrs()
        .unwrap_or_default()
        .into_iter()
        .map(|interface| interface.ip())
        .filter(|address| address.is_ipv4() && !address.is_loopback())
        .collect();
    found.sort_by_key(|&address| (Some(address) != outward, is_link_local(address)));
    found.dedup();
    found
}

fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ELSEWHERE).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_link_local())
}

/// A QR code as SVG.
pub fn picture(address: &str) -> Option<String> {
    let code = QrCode::new(address).ok()?;
    let picture = code
        .render::<svg::Color>()
        .min_dimensions(PICTURE_PIXELS, PICTURE_PIXELS)
        .build();
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::{for_others, picture};

    #[test]
    fn only_this_computer_has_no_address_for_others() {
        assert!(for_others("127.0.0.1:8000".parse().unwrap(), None).is_empty());
        assert!(for_others("[::1]:8000".parse().unwrap(), None).is_empty());
    }

    #[test]
    fn an_address_comes_before_the_name() {
        let name = Some("scratch-mqtt.local");
        let addresses = for_others("192.168.1.7:8000".parse().unwrap(), name);
        assert_eq!(
            addresses,
            [
                "http://192.168.1.7:8000/",
                "http://scratch-mqtt.local:8000/"
            ]
        );
    }

    #[test]
    fn every_address_means_none_of_the_loopback() {
        for address in for_others("0.0.0.0:8000".parse().unwrap(), None) {
            assert!(!address.contains("127."), "{address}");
        }
    }

    #[test]
    fn an_address_has_a_picture() {
        assert!(
            picture("http://192.168.1.7:8000/")
                .unwrap()
                .contains("<svg")
        );
    }
}
