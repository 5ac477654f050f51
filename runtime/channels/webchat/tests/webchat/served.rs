//! The page and the widget as HTTP serves them: what they are, who may keep them, what they may do.

use crate::page::http;
use crate::server::Server;
use carapace_channel_api::{Channel as _, Error};
use carapace_channel_webchat::{Limits, Options, WebChat};

async fn get(server: &Server, path: &str) -> (u16, String) {
    http(server.address, &format!("GET {path}"), &[], b"").await
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

/// The address of an asset, as the page names it.
fn asset(page: &str, name: &str) -> String {
    let end = page.find(name).unwrap() + name.len();
    let start = page[..end].rfind('"').unwrap() + 1;
    page[start..end].to_owned()
}

#[tokio::test]
async fn the_page_says_what_it_may_do() {
    let folder = tempfile::tempdir().unwrap();
    let frames = vec!["https://shop.example".to_owned()];
    let options = Options { frames, title: "Tea & <Co>".to_owned(), ..Options::new("web", folder.path()) };
    let server = Server::serve_at("127.0.0.1:0", options).await;
    assert_eq!(server.channel.http().unwrap().page.as_deref(), Some("/webchat/"));
    // With and without the slash it is the same page, and its addresses mean the same.
    for path in ["/webchat/", "/webchat"] {
        let (status, answer) = get(&server, path).await;
        assert_eq!((status, header(&answer, "content-type")), (200, "text/html; charset=utf-8"));
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        let policy = header(&answer, "content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "frame-ancestors 'self' https://shop.example",
        ] {
            assert!(policy.split("; ").any(|known| known == part), "{part}: {policy}");
        }
        assert!(
            !policy.contains("unsafe") && policy.contains(&format!("ws://{}", server.address)),
            "{policy}"
        );
        assert!(answer.contains("<title>Tea &amp; &lt;Co&gt;</title>"), "{answer}");
        let (status, _) = get(&server, &asset(&answer, "script/main.js")).await;
        assert_eq!(status, 200);
    }
}

#[tokio::test]
async fn assets_are_kept_and_nothing_else_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::serve(folder.path(), Limits::default()).await;
    let (_, page) = get(&server, "/webchat/").await;
    for (name, media_type) in [
        ("script/main.js", "text/javascript; charset=utf-8"),
        ("script/text/markdown.js", "text/javascript; charset=utf-8"),
        ("style/page.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let (status, answer) = get(&server, &asset(&page, name)).await;
        assert_eq!((status, header(&answer, "content-type")), (200, media_type));
        assert!(header(&answer, "cache-control").contains("immutable"), "{answer}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "cross-origin-resource-policy"), "same-origin");
    }
    let main = asset(&page, "script/main.js");
    let edition = main.strip_suffix("/script/main.js").unwrap();
    for path in [
        format!("{edition}/script/none.js"),
        format!("{edition}/../../index.html"),
        format!("{edition}/..%2F..%2FCargo.toml"),
        format!("{edition}/%2e%2e/%2e%2e/Cargo.toml"),
        format!("{edition}/script//main.js"),
        format!("{edition}/"),
        format!("{edition}/%00"),
        format!("{edition}/%ff"),
        "/webchat/assets/older/script/main.js".to_owned(),
        "/webchat/assets/".to_owned(),
        "/webchat/index.html".to_owned(),
        "/webchat/index.jsonl".to_owned(),
        "/webchat/..%2findex.jsonl".to_owned(),
    ] {
        let (status, answer) = get(&server, &path).await;
        assert!([400, 404].contains(&status), "{path}: {answer}");
        assert!(
            !answer.contains("carapace-channel-webchat") && !answer.contains("import "),
            "{path}: {answer}"
        );
    }
    let (status, _) = http(server.address, "POST /webchat/", &[], b"x").await;
    assert_eq!(status, 405);
}

#[tokio::test]
async fn the_widget_is_for_everybody_and_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::serve(folder.path(), Limits::default()).await;
    let (status, answer) = get(&server, "/webchat/widget.js").await;
    assert_eq!((status, header(&answer, "content-type")), (200, "text/javascript; charset=utf-8"));
    assert_eq!(header(&answer, "cross-origin-resource-policy"), "cross-origin");
    assert_eq!(header(&answer, "cache-control"), "no-cache");
    let tag = header(&answer, "etag").to_owned();
    for known in [tag.clone(), format!("\"x\", W/{tag}")] {
        let (status, answer) =
            http(server.address, "GET /webchat/widget.js", &[("if-none-match", &known)], b"").await;
        assert_eq!((status, header(&answer, "etag")), (304, tag.as_str()));
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
    let (status, _) =
        http(server.address, "GET /webchat/widget.js", &[("if-none-match", "\"x\"")], b"").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn what_is_no_site_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let open = |origins: &[&str], frames: &[&str]| {
        let all = |sites: &[&str]| sites.iter().map(|site| (*site).to_owned()).collect();
        let options = Options::new("web", folder.path());
        WebChat::open(Options { origins: all(origins), frames: all(frames), ..options })
    };
    for (origins, frames) in [
        (&[][..], &["shop.example"][..]),
        (&[], &["https://shop.example/"]),
        (&[], &["https://a.example; script-src *"]),
        (&["https://*.shop.example"], &[]),
    ] {
        match open(origins, frames) {
            Err(Error::Options { message, .. }) => assert!(message.contains('`'), "{message}"),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("{origins:?}, {frames:?}"),
        }
    }
    assert!(open(&["https://shop.example"], &["https://*.shop.example", "http://localhost:*"]).is_ok());
}
