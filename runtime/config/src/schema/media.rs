//! The keys of `media`.

use super::{Form, Key, Shape};

/// The keys of `media`.
pub(super) const MEDIA: &[Key] = &[
    Key {
        name: "file",
        doc: "The largest file that is taken or brought from one place to another, in MiB. A network may take less.",
        shape: Shape::Whole(1, 2_048),
        default: "20",
        example: "50",
    },
    Key {
        name: "together",
        doc: "How much all files may have together that are on their way at one time, in MiB; at least as much as one of them. What is more has to come later.",
        shape: Shape::Whole(1, 1_048_576),
        default: "1024",
        example: "4096",
    },
    Key {
        name: "patience",
        doc: "How long a file at an address may take to come. After that its address is sent instead.",
        shape: Shape::Text(Form::Time),
        default: "\"30s\"",
        example: "\"2m\"",
    },
    Key {
        name: "picture",
        doc: "The largest picture that is taken, in millions of pixels: who shows it needs four bytes for each, however small the file is.",
        shape: Shape::Whole(1, 1_000),
        default: "64",
        example: "100",
    },
    Key {
        name: "preview",
        doc: "How large previews of pictures are, in pixels, in each direction. 0 makes none.",
        shape: Shape::Whole(0, 2_048),
        default: "640",
        example: "320",
    },
];
