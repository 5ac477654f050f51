//! The keys of the vault, by kind.

use super::{Form, Key, Kind, Shape};

/// The key that every vault has.
pub(super) const SHARED: &[Key] = &[Key {
    name: "kind",
    doc: "Where secrets lie.",
    shape: Shape::Text(Form::Vault),
    default: "has to be said",
    example: "\"file\"",
}];

/// The kinds of vaults.
pub const VAULTS: &[Kind] = &[
    Kind {
        name: "keychain",
        doc: "In the keychain of the system: Secret Service, the keychain of macOS, the credential store of Windows.",
        keys: &[Key {
            name: "service",
            doc: "The service that the items of the keychain are of. Two runtimes of one person that shall not share secrets need two of them.",
            shape: Shape::Text(Form::Plain),
            default: "\"carapace\"",
            example: "\"shop\"",
        }],
    },
    Kind {
        name: "file",
        doc: "In a file that a passphrase or a key opens.",
        keys: &[
            Key {
                name: "path",
                doc: "The file.",
                shape: Shape::Text(Form::Path),
                default: "`secrets.vault` in `data`",
                example: "\"/var/lib/shop/secrets.vault\"",
            },
            Key {
                name: "key_file",
                doc: "The file with the key, as `age-keygen` writes it. It is made with the first secret where it is not there.",
                shape: Shape::Text(Form::Path),
                default: "a passphrase opens it",
                example: "\"/etc/carapace/secrets.key\"",
            },
            Key {
                name: "passphrase_file",
                doc: "The file whose first line is the passphrase; `${env:CREDENTIALS_DIRECTORY}/passphrase` is a credential of systemd.",
                shape: Shape::Text(Form::Path),
                default: "it is asked for at the terminal",
                example: "\"/run/keys/carapace\"",
            },
        ],
    },
    Kind {
        name: "folder",
        doc: "In a folder with a file for each secret, named as it is, which somebody else fills and carapace only reads: credentials of systemd, secrets of a container.",
        keys: &[Key {
            name: "path",
            doc: "The folder.",
            shape: Shape::Text(Form::Path),
            default: "has to be said",
            example: "\"/run/secrets\"",
        }],
    },
];
