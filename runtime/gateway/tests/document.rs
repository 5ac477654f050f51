//! The committed document is what is served. `BLESS=1` writes it.

use std::path::Path;

#[test]
fn the_document_is_committed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let made = format!("{:#}\n", carapace_gateway::document());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("docs can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == committed,
        "docs/openapi.json is not what is served: BLESS=1 cargo test -p carapace-gateway"
    );
}
