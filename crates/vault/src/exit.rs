//! The end of the program, and the library that SQLCipher takes its cryptography from.

/// Keeps OpenSSL from clearing up at the exit of the program. The threads of connections that were just closed still end
/// then and clear up what is theirs: the same would be freed twice, and the program die although its work is done.
///
/// Holds for the whole process, and must be said before SQLCipher first asks anything of it. On macOS there is no OpenSSL.
pub fn no_clearing_up() {
    #[cfg(not(target_os = "macos"))]
    openssl_sys::init();
}
