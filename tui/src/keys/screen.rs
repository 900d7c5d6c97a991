//! The screens. The one that has the keyboard decides what a key does.

use roster_common::listed;

listed! {
    /// The screen that has the keyboard: the topmost overlay, or the table.
    ///
    /// The variants are in the order of the help.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Screen {
        /// The table.
        Table,
        /// The table with one person's record open.
        Detail,
        /// The filter, while it is being edited.
        Search,
        /// The form of a record.
        Form,
        /// One value, edited in its cell of the table.
        Cell,
        /// A confirmation dialog.
        Confirm,
        /// An edit conflict.
        Conflict,
        /// A bulk change.
        Batch,
        /// An export.
        Export,
        /// The file of an import.
        ImportFile,
        /// An import, after its file was read.
        Import,
        /// The history of a record.
        History,
        /// The sign-in form.
        SignIn,
        /// The user's own sessions.
        MySessions,
        /// The form for the user's own password.
        ChangePassword,
        /// User management.
        Users,
        /// The form of an account.
        UserForm,
        /// A generated password.
        GeneratedPassword,
        /// The column settings.
        Columns,
        /// The choice of a theme.
        Themes,
        /// The named filters.
        NamedFilters,
        /// The name of a new filter.
        FilterName,
        /// The command palette.
        Palette,
        /// The help.
        Help,
    }
}

impl Screen {
    /// The name used in config.toml. Users' files contain it, so it stays even if the variant is
    /// renamed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Detail => "record",
            Self::Search => "search",
            Self::Form => "form",
            Self::Cell => "cell",
            Self::Confirm => "question",
            Self::Conflict => "conflict",
            Self::Batch => "many-records",
            Self::Export => "export",
            Self::ImportFile => "import-file",
            Self::Import => "import",
            Self::History => "history",
            Self::SignIn => "sign-in",
            Self::MySessions => "my-sessions",
            Self::ChangePassword => "my-password",
            Self::Users => "users",
            Self::UserForm => "user",
            Self::GeneratedPassword => "new-password",
            Self::Columns => "columns",
            Self::Themes => "themes",
            Self::NamedFilters => "filters",
            Self::FilterName => "filter-name",
            Self::Palette => "actions",
            Self::Help => "help",
        }
    }

    /// The title for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Table => "Table",
            Self::Detail => "Record",
            Self::Search => "Filter",
            Self::Form => "Form",
            Self::Cell => "Cell",
            Self::Confirm => "Question",
            Self::Conflict => "Conflict",
            Self::Batch => "Many records",
            Self::Export => "Export",
            Self::ImportFile => "Import file",
            Self::Import => "Import",
            Self::History => "History",
            Self::SignIn => "Sign-in",
            Self::MySessions => "My sessions",
            Self::ChangePassword => "My password",
            Self::Users => "Users",
            Self::UserForm => "User",
            Self::GeneratedPassword => "A new password",
            Self::Columns => "Columns",
            Self::Themes => "Themes",
            Self::NamedFilters => "Filters",
            Self::FilterName => "Filter name",
            Self::Palette => "Actions",
            Self::Help => "Keys",
        }
    }
}
