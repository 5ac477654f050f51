//! What the generator writes is the language.

use carapace_diagnostic::FileId;
use carapace_tests::generate::program;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_programs_parse(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let generated = program(&bytes);
        let parsed = carapace_syntax::parse(FileId(0), &generated.source);
        prop_assert!(parsed.diagnostics.is_empty(), "{:#?}\n{}", parsed.diagnostics, generated.source);
    }
}
