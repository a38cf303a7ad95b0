//! What a pupil types as a broker's address, made into a URL.
