//! The codes of this crate: `E0001` to `E0099`. Each has a page in `compiler/diagnostic/codes/`.

use carapace_diagnostic::Code;

/// Something else stands here than can.
pub(crate) const SYNTAX: Code = Code("E0001");
/// An opening bracket that nothing closes.
pub(crate) const UNCLOSED: Code = Code("E0002");
/// A closing bracket that closes nothing.
pub(crate) const STRAY: Code = Code("E0003");
/// A text without its closing quotes.
pub(crate) const UNCLOSED_TEXT: Code = Code("E0004");
/// Nested or chained too deep.
pub(crate) const TOO_DEEP: Code = Code("E0005");
/// A character that means nothing.
pub(crate) const CHARACTER: Code = Code("E0006");
/// No item.
pub(crate) const NO_ITEM: Code = Code("E0007");
/// A clause a second time.
pub(crate) const CLAUSE_TWICE: Code = Code("E0008");
/// Suffixes out of order, or one twice.
pub(crate) const SUFFIX_ORDER: Code = Code("E0009");
/// An escape that means nothing.
pub(crate) const ESCAPE: Code = Code("E0010");
/// A number out of range.
pub(crate) const NUMBER_RANGE: Code = Code("E0011");
/// `a < b < c`.
pub(crate) const CHAINED: Code = Code("E0012");
/// `&&`, `||`, `!`.
pub(crate) const FOREIGN_OPERATOR: Code = Code("E0013");
/// A keyword where a name is wanted.
pub(crate) const KEYWORD_NAME: Code = Code("E0014");
/// A list and a map in one.
pub(crate) const MIXED_BRACKET: Code = Code("E0015");
/// A `{` in a text without its partner.
pub(crate) const UNCLOSED_INTERPOLATION: Code = Code("E0016");
/// `message.` and nothing.
pub(crate) const MEMBER_MISSING: Code = Code("E0017");
/// `not` behind an operator.
pub(crate) const NOT_PLACE: Code = Code("E0018");
/// `between` without `and`.
pub(crate) const BETWEEN: Code = Code("E0019");
/// `ignoring case` without a comparison.
pub(crate) const IGNORING: Code = Code("E0020");
/// Interpolation where only characters may stand.
pub(crate) const FIXED_TEXT: Code = Code("E0021");
/// `;`.
pub(crate) const SEMICOLON: Code = Code("E0022");
/// A statement that another language would understand.
pub(crate) const FOREIGN_STATEMENT: Code = Code("E0023");
/// A file too large for its offsets.
pub(crate) const TOO_LARGE: Code = Code("E0024");
/// `=` where a comparison is meant.
pub(crate) const ASSIGN_IN_CONDITION: Code = Code("E0025");
