//! What is never connected to.

use crate::server::{Names, Server, get, place, say, short, with, word};
use carapace_net::{Client, Options, Pattern, Policy};
use std::sync::Arc;

#[tokio::test]
async fn addresses_that_lead_inside_are_refused_before_anything_leaves() {
    let server = Server::start(vec![say(200, &[], b"inside")]).await;
    let port = server.port;
    let client = Client::new(Options { limits: short(), ..Options::default() });
    for (address, said) in [
        (format!("https://127.0.0.1:{port}/"), "refused E1011"),
        (format!("https://[::1]:{port}/"), "refused E1011"),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), "refused E1011"),
        (format!("https://[::ffff:7f00:1]:{port}/"), "refused E1011"),
        (format!("https://[::127.0.0.1]:{port}/"), "refused E1011"),
        (format!("https://[64:ff9b::7f00:1]:{port}/"), "refused E1011"),
        (format!("https://[2002:7f00:1::]:{port}/"), "refused E1011"),
        (format!("https://0.0.0.0:{port}/"), "refused E1011"),
        (format!("https://[::]:{port}/"), "refused E1011"),
        (format!("https://2130706433:{port}/"), "refused E1013"),
        (format!("https://0x7f000001:{port}/"), "refused E1013"),
        (format!("https://017700000001:{port}/"), "refused E1013"),
        (format!("https://127.1:{port}/"), "refused E1013"),
        (format!("https://0:{port}/"), "refused E1013"),
        (format!("https://[fe80::1%251]:{port}/"), "refused E1013"),
        (format!("https://user:pass@example.com:{port}/"), "refused E1013"),
        (format!("http://127.0.0.1:{port}/"), "refused E1011"),
        ("https://10.0.0.1/".into(), "refused E1011"),
        ("https://192.168.1.1/".into(), "refused E1011"),
        ("https://172.16.0.1/".into(), "refused E1011"),
        ("https://100.64.0.1/".into(), "refused E1011"),
        ("https://169.254.169.254/latest/meta-data/".into(), "refused E1011"),
        ("https://[fd00:ec2::254]/".into(), "refused E1011"),
        ("https://metadata.google.internal/".into(), "refused E1011"),
        ("https://[fc00::1]/".into(), "refused E1011"),
        ("https://[fe80::1]/".into(), "refused E1011"),
        ("https://224.0.0.1/".into(), "refused E1011"),
        ("https://255.255.255.255/".into(), "refused E1011"),
        ("https://192.0.2.1/".into(), "refused E1011"),
        ("https://198.18.0.1/".into(), "refused E1011"),
        ("https://[2001:db8::1]/".into(), "refused E1011"),
    ] {
        assert_eq!(word(client.call(get(address.clone())).await), said, "{address}");
    }
    assert_eq!(server.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_is_no_way_inside() {
    let names = || Names {
        known: [
            ("inside.example", vec![vec!["10.0.0.1"]]),
            ("both.example", vec![vec!["1.1.1.1", "127.0.0.1"]]),
            ("six.example", vec![vec!["2606:4700::1111", "fd00::1"]]),
            ("mapped.example", vec![vec!["::ffff:169.254.169.254"]]),
            ("nowhere.example", vec![vec![]]),
        ]
        .into(),
        ..Names::default()
    };
    let client = with(&[], short(), names());
    for (address, said) in [
        ("https://inside.example/", "refused E1011"),
        ("https://both.example/", "refused E1011"),
        ("https://six.example/", "refused E1011"),
        ("https://mapped.example/", "refused E1011"),
        ("https://nowhere.example/", "unreached"),
        ("https://unknown.example/", "unreached"),
    ] {
        assert_eq!(word(client.call(get(address)).await), said, "{address}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_asked_once_and_believed_once() {
    let server = Server::start(vec![say(200, &[], b"")]).await;
    let names = Arc::new(Names {
        // Between a check and a connection there is no second question: the second answer is for the second request.
        known: [("rebind.example", vec![vec!["127.0.0.1"], vec!["169.254.169.254"]])].into(),
        ..Names::default()
    });
    let policy =
        Policy { private: vec![place(&format!("rebind.example:{}", server.port))], ..Policy::default() };
    let client =
        Client::new(Options { policy, limits: short(), resolver: names.clone(), ..Options::default() });
    let address = format!("http://rebind.example:{}/", server.port);
    assert_eq!(word(client.call(get(address.clone())).await), "200");
    assert_eq!(names.asked.lock().unwrap().len(), 1);
    // There is a connection still, and it is not used: the name means something else now.
    assert_eq!(word(client.call(get(address)).await), "refused E1011");
    assert_eq!((names.asked.lock().unwrap().len(), server.heard().len()), (2, 1));
    assert!(server.heard()[0].contains(&format!("host: rebind.example:{}\r\n", server.port)));
}

#[tokio::test]
async fn an_exception_is_for_one_place() {
    let (open, closed) =
        (Server::start(vec![say(200, &[], b"")]).await, Server::start(vec![say(200, &[], b"")]).await);
    let names = Names { known: [("localhost", vec![vec!["127.0.0.1"]])].into(), ..Names::default() };
    let client = with(&[&open], short(), names);
    assert_eq!(word(client.call(get(open.url("/"))).await), "200");
    assert_eq!(word(client.call(get(closed.url("/"))).await), "refused E1011");
    // By another name it is another place.
    assert_eq!(word(client.call(get(format!("https://localhost:{}/", open.port))).await), "refused E1011");
    assert!(closed.heard().is_empty());
}

#[tokio::test]
async fn only_what_the_operator_lists_is_called_where_there_is_a_list() {
    let server = Server::start(vec![say(200, &[], b"")]).await;
    let policy = Policy {
        allow: Some(vec![Pattern::read("*.shop.example").unwrap()]),
        private: vec![place(&format!("127.0.0.1:{}", server.port))],
        ..Policy::default()
    };
    let client = Client::new(Options {
        policy,
        limits: short(),
        resolver: Arc::new(Names::default()),
        ..Options::default()
    });
    assert_eq!(word(client.call(get(server.url("/"))).await), "200");
    assert_eq!(word(client.call(get("https://example.com/")).await), "refused E1012");
    assert_eq!(word(client.call(get("https://eu.shop.example/")).await), "unreached");
}
