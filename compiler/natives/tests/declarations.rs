//! The library's declarations and the registry say the same: each `extern fn` has a body, and each body a declaration.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_natives::{NATIVES, lookup};

/// Declared for documentation; the checker knows them by name.
const INTRINSICS: &str = "std/intrinsics";

/// Name, version and number of parameters of each declaration.
fn declared() -> Vec<(String, u32, u16)> {
    let pattern = regex::Regex::new(r"(?m)^extern fn (\w+)@(\d+)(?:<[^>]*>)?\(([^)]*)\)\s*->").unwrap();
    let mut all = Vec::new();
    for module in carapace_stdlib::MODULES.iter().filter(|m| m.path != INTRINSICS) {
        let name = module.path.rsplit('/').next().unwrap();
        for found in pattern.captures_iter(module.text) {
            let params = found[3].matches(':').count();
            all.push((format!("{name}.{}", &found[1]), found[2].parse().unwrap(), params as u16));
        }
        assert_eq!(
            pattern.find_iter(module.text).count(),
            module.text.lines().filter(|l| l.starts_with("extern fn ")).count(),
            "a declaration of {} that this test does not understand",
            module.path,
        );
    }
    all
}

#[test]
fn every_declaration_has_its_body() {
    let declared = declared();
    assert!(declared.len() > 50);
    for (name, version, params) in &declared {
        let native = lookup(name, *version).unwrap_or_else(|| panic!("no body for {name}@{version}"));
        assert_eq!(native.params, *params, "parameters of {name}@{version}");
    }
    for native in NATIVES {
        assert!(
            declared.iter().any(|(name, ..)| name == native.name),
            "{}@{} is declared nowhere",
            native.name,
            native.version
        );
    }
}

#[test]
fn the_registry_is_in_order() {
    assert!(NATIVES.is_sorted_by(|a, b| (a.name, a.version) < (b.name, b.version)));
}

/// Whatever they get, natives answer or refuse.
#[test]
fn arguments_of_other_types_are_refused() {
    use carapace_module::Value;
    let values = [
        Value::None,
        Value::Int(i64::MIN),
        Value::text("x"),
        Value::list(vec![]),
        Value::Time(i64::MAX),
        Value::Date(i32::MIN),
    ];
    for native in NATIVES {
        assert!((native.body)(&[]).is_err(), "{} without arguments", native.name);
        for value in &values {
            let args = vec![value.clone(); usize::from(native.params)];
            let _ = (native.body)(&args);
        }
    }
}
