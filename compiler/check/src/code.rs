//! The numbers of everything the checker says. Each has a page in `compiler/diagnostic/codes`.

use carapace_diagnostic::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: Code = Code($code);)*
        /// Every code the checker may give, in order.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    /// A name that nothing declares.
    UNKNOWN_NAME = "E0101";
    /// Two items of one name.
    DUPLICATE = "E0102";
    /// A `use` of a module that is not there.
    UNKNOWN_MODULE = "E0103";
    /// Constants that need each other.
    CYCLE = "E0104";
    /// A type that nothing declares.
    UNKNOWN_TYPE = "E0105";
    /// A field that the type does not have.
    UNKNOWN_FIELD = "E0106";
    /// A tag that the union does not have.
    UNKNOWN_TAG = "E0107";
    /// A function that the type's module does not have.
    UNKNOWN_METHOD = "E0108";
    /// An argument for no parameter.
    UNKNOWN_PARAMETER = "E0109";
    /// A name of one thing where another is meant.
    WRONG_KIND = "E0110";
    /// A declaration that belongs into a library.
    LIBRARY_ONLY = "E0111";
    /// A channel kind that the library does not declare.
    UNKNOWN_CHANNEL_KIND = "E0112";
    /// A trigger that nothing declares.
    UNKNOWN_TRIGGER = "E0113";
    /// An agent property that there is not.
    UNKNOWN_PROPERTY = "E0114";
    /// A tag of tagged text that nothing declares.
    UNKNOWN_TEXT_TAG = "E0115";
    /// `file("…")` of a file that is not there.
    UNKNOWN_FILE = "E0116";

    /// A value of another type.
    MISMATCH = "E0201";
    /// An argument that is missing.
    MISSING_ARGUMENT = "E0202";
    /// A `T?` where a `T` is needed.
    MAY_BE_NONE = "E0203";
    /// A condition that is not a `Bool`.
    NOT_BOOL = "E0204";
    /// An operator that these types do not have.
    OPERATOR = "E0205";
    /// A `match` that forgets a case.
    NOT_EXHAUSTIVE = "E0206";
    /// A type that nothing says.
    CANNOT_INFER = "E0208";
    /// A record without one of its fields.
    MISSING_FIELD = "E0209";
    /// A field, argument or key twice.
    TWICE = "E0210";
    /// A pattern that no value of the type can match.
    PATTERN = "E0211";
    /// A call of what is no function.
    NOT_CALLABLE = "E0212";
    /// A value in a text that has no obvious way to be written.
    NOT_SHOWABLE = "E0213";
    /// More arguments than parameters.
    TOO_MANY_ARGUMENTS = "E0214";
    /// A regular expression that is none.
    REGEX = "E0215";
    /// A record that contains itself.
    INFINITE_TYPE = "E0216";
    /// Type arguments in wrong number, or where there are none.
    TYPE_ARGUMENTS = "E0217";
    /// `x[i]` of what has no elements.
    NOT_INDEXABLE = "E0219";
    /// `for` over what has no elements.
    NOT_ITERABLE = "E0220";
    /// A way through the body that gives no value.
    MISSING_RETURN = "E0221";
    /// An assignment to what is no `var`.
    NOT_ASSIGNABLE = "E0222";
    /// A value that has to be known when compiled.
    NOT_CONSTANT = "E0223";
    /// A literal that is out of range or malformed.
    LITERAL = "E0224";
    /// A function that does not say what it gives.
    NO_RESULT_TYPE = "E0225";
    /// A key that cannot be compared.
    KEY = "E0226";
    /// A `for`, `if` or call whose value is used but which has none.
    NO_VALUE = "E0227";
    /// A tagged text that its tag does not take.
    TEMPLATE = "E0228";

    /// A suffix where it cannot be.
    SUFFIX = "E0301";
    /// An effect in a pure function.
    IMPURE = "E0302";
    /// `break` or `continue` outside of a loop.
    NO_LOOP = "E0303";
    /// A branch that assigns an outer variable.
    BRANCH_ASSIGNS = "E0304";
    /// `serial` without `timeout`.
    SERIAL_WITHOUT_TIMEOUT = "E0305";
    /// A cron expression that is none.
    CRON = "E0306";
    /// A time zone that there is not.
    ZONE = "E0307";
    /// A webhook path or method that is none.
    WEBHOOK_PATH = "E0308";
    /// A header clause that does not go with the rest.
    HEADER = "E0309";
    /// A trigger's arguments.
    TRIGGER_ARGUMENTS = "E0310";
    /// A wait where nothing may wait.
    WAIT = "E0311";
    /// A value that cannot be stored.
    NOT_STORABLE = "E0312";
    /// `return` where it cannot leave.
    RETURN = "E0313";
    /// `set` of what is no state, or without its key.
    SET = "E0314";
    /// A state that is read where its key is not known.
    STATE_KEY = "E0315";
    /// An event that carries two types.
    EVENT_TYPE = "E0316";
    /// A skill whose beginning does not say what it is.
    SKILL = "E0317";
    /// A budget in a currency that models are not paid in.
    BUDGET_CURRENCY = "E0318";
    /// A budget over a longer time than is remembered.
    BUDGET_WINDOW = "E0319";
    /// A value that an agent's property cannot have.
    AGENT_VALUE = "E0320";
    /// An agent that says no model.
    NO_MODEL = "E0321";
    /// Approval of what the agent does not call.
    NOT_OFFERED = "E0322";
    /// A window of a conversation that is too small or too large.
    WINDOW = "E1130";

    /// Something that the channel's kind cannot do.
    KIND_CANNOT = "E0401";
    /// A reply where there is no conversation.
    NO_CONVERSATION = "E0402";
    /// An event that the channel's kind does not have.
    KIND_WITHOUT_EVENT = "E0403";

    /// A secret in a text.
    SECRET_SHOWN = "E0501";
    /// A secret for a parameter that is not declared `secret`.
    SECRET_PASSED = "E0502";
    /// Something from outside for a parameter that is declared `trusted`.
    UNTRUSTED = "E0503";
    /// Somebody outside says where something goes.
    UNTRUSTED_DESTINATION = "E0504";
    /// Somebody outside says what address is asked.
    UNTRUSTED_ADDRESS = "E0505";
    /// A tool with a `trusted` parameter, which a model would fill in.
    TRUSTED_TOOL = "E0506";
    /// `trust` without a reason.
    NO_REASON = "E0507";
    /// A secret's type where it would be kept or come from outside.
    SECRET_OUTSIDE = "E0508";
    /// A secret that is compared.
    SECRET_COMPARED = "E0509";

    /// A test statement outside of a test.
    TEST_ONLY = "E0601";
    /// Something in a test that only a flow can do.
    NOT_IN_TEST = "E0602";
    /// A `given` of what the world does not answer.
    GIVEN = "E0603";
    /// A `when` that is no event.
    WHEN = "E0604";
    /// An `expect` of what is not recorded.
    EXPECT = "E0605";
    /// A signature's header or key that is none.
    SIGNATURE = "E1055";

    /// A case that can never be reached.
    UNREACHABLE_CASE = "W0201";
    /// Statements that can never be reached.
    UNREACHABLE = "W0301";
    /// A durable write of what was read before a wait.
    STALE_WRITE = "W0302";
    /// A value that is computed and thrown away.
    UNUSED_VALUE = "W0303";
    /// A name in a body that nothing reads.
    UNUSED_NAME = "W0304";
    /// An item that nothing uses.
    UNUSED_ITEM = "W0305";
    /// A `use` that nothing needs.
    UNUSED_USE = "W0306";
    /// A name that hides another.
    HIDING = "W0307";
    /// A step that a `retry` around it does again.
    DONE_AGAIN = "W0308";
    /// A question that waits without end.
    NO_DEADLINE = "W0309";
    /// A condition that cannot hold.
    NEVER_HOLDS = "W0310";
    /// A regular expression that matches every text.
    ALWAYS_MATCHES = "W0311";
    /// A schedule without a day.
    NEVER_FIRES = "W0312";
    /// An allowance for what is not there.
    IDLE_ALLOWANCE = "W0313";
    /// An allowance without a known code or a reason.
    ALLOWANCE = "W0314";
    /// A text that the channel takes in several messages only.
    TEXT_TOO_LONG = "W0315";
    /// More choices than the channel has buttons.
    TOO_MANY_BUTTONS = "W0316";
    /// A tool that nothing is said of.
    UNDESCRIBED = "W0317";
    /// A `trust` of what is trusted anyway.
    NEEDLESS_TRUST = "W0501";
}
