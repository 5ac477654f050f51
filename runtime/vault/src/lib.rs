//! Where secrets lie: the keychain of the system, or an encrypted file where there is none.
