//! Whether another person has the email address in a form.

/// The latest question about it, and the latest answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EmailOwner {
    /// The address that the server was asked about.
    pub asked: Option<String>,
    /// An address, and the name of another person who has it.
    pub known: Option<(String, Option<String>)>,
}

impl EmailOwner {
    /// The name of another person who has this address, as far as is known.
    pub fn of(&self, email: &str) -> Option<&str> {
        let (known, owner) = self.known.as_ref()?;
        owner.as_deref().filter(|_| known == email)
    }

    /// Whether the server must be asked about this address.
    pub fn is_unknown(&self, email: &str) -> bool {
        self.known.as_ref().is_none_or(|(known, _)| known != email)
    }
}
