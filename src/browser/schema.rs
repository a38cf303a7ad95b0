//! How an interface that crosses between JavaScript and Rust is written: once, with its words.
//!
//! From one declaration come the TypeScript type with its documentation, the names that are known, and
//! the code that reads a program's object or makes ours. `scripts/api-tables.mjs` makes the tables of
//! `docs/api.md` from the same lines. `@default` and `@unit` are tags of JSDoc for editors, and columns
//! of the table.

use wasm_bindgen::JsValue;

use super::error::MqttError;
use super::given::Given;

/// A value that the members of a program's object are read into.
pub trait Interface {
    /// Its declaration in TypeScript.
    const TYPESCRIPT: &'static str;

    /// Looks at an object of a program.
    ///
    /// # Errors
    ///
    /// `bad-argument`: it is none, or it has a name that is not declared.
    fn given(object: &JsValue) -> Result<Given<'_>, MqttError>;

    /// Sets every field whose member is given.
    ///
    /// # Errors
    ///
    /// `bad-argument`: a value of the wrong kind.
    fn read(&mut self, given: &Given<'_>) -> Result<(), MqttError>;
}

/// A value that is one of some words.
pub trait Word: Sized {
    /// What it must be, for messages.
    const KIND: &'static str;

    /// The value of a word.
    fn of(word: &str) -> Option<Self>;
}

/// Reads one of the words of a type.
///
/// # Errors
///
/// `bad-argument` for anything else.
pub fn word<T: Word>(given: &Given<'_>, name: &str) -> Result<Option<T>, MqttError> {
    given.read(name, T::KIND, |value: JsValue| T::of(&value.as_string()?))
}

/// A type of TypeScript whose values are words.
///
/// `"word" => value` reads words, and needs what a wrong one must be; `pattern => "word"` tells them, as
/// the function that is named.
macro_rules! words {
    (
        $(#[doc = $doc:literal])*
        $name:ident reads $type:ty, $kind:literal {
            $($word:literal => $value:expr,)*
        }
    ) => {
        impl Word for $type {
            const KIND: &'static str = $kind;

            fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($value),)*
                    _ => None,
                }
            }
        }
        $crate::browser::schema::words!(@typescript $($doc)* $name $($word)*);
    };
    (
        $(#[doc = $doc:literal])*
        $name:ident tells $type:ty as $function:ident {
            $($pattern:pat => $word:literal,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[must_use]
        pub const fn $function(value: &$type) -> &'static str {
            match value {
                $($pattern => $word,)*
            }
        }
        $crate::browser::schema::words!(@typescript $($doc)* $name $($word)*);
    };
    (@typescript $($doc:literal)* $name:ident $($word:literal)*) => {
        const _: () = {
            #[wasm_bindgen(typescript_custom_section)]
            const TYPESCRIPT: &str = concat!(
                "/**\n", $(" *", $doc, "\n",)* " */\n",
                "export type ", stringify!($name), " =", $("\n  | '", $word, "'",)* ";\n\n"
            );
        };
    };
}

/// An object that a program gives.
///
/// `name?: "type" => field: reader;` reads a member into a field, if it is given. What needs more than
/// its own value has no `=>` and is read by hand.
macro_rules! given {
    (
        $(#[doc = $doc:literal])*
        $interface:ident $called:literal => $target:ty {
            $(
                $(#[doc = $about:literal])*
                // `?` has no value of its own to repeat: the lifetime is never there.
                $name:ident $(? $($never:lifetime)?)?: $type:literal
                    $(=> $field:ident: $reader:expr)?;
            )*
        }
    ) => {
        impl Interface for $target {
            const TYPESCRIPT: &'static str = concat!(
                "/**\n", $(" *", $doc, "\n",)* " */\n",
                "export interface ", stringify!($interface), " {\n",
                $(
                    "  /**\n", $("   *", $about, "\n",)* "   */\n",
                    "  ", stringify!($name), $("?", $($never)?)? ": ", $type, ";\n",
                )*
                "}\n\n"
            );

            fn given(object: &JsValue) -> Result<Given<'_>, MqttError> {
                Given::new($called, object, &[$(stringify!($name)),*])
            }

            fn read(&mut self, given: &Given<'_>) -> Result<(), MqttError> {
                $($(
                    if let Some(value) = ($reader)(given, stringify!($name))? {
                        self.$field = value.into();
                    }
                )?)*
                Ok(())
            }
        }
        const _: () = {
            #[wasm_bindgen(typescript_custom_section)]
            const TYPESCRIPT: &str = <$target as Interface>::TYPESCRIPT;
        };
    };
}

pub(super) use {given, words};
