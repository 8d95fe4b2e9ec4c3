//! Which states are in a set? One bit a number, in planes that take memory only once something is in them.
//!
//! The spec reaches `V + 1` of the planes of [`super::numbering`] (one more in profile `finalization`); a mutant may reach
//! others. So a set of the spec's states costs no memory for what only mutants reach: 1.1 to 1.2 bits a state in profile
//! `documented`. Profile `finalization` takes 2 to 3.5 up to 5 nodes, since the two phases that it adds have digits in all
//! planes and occur in one; numbers of their own for that plane would save it, for a relation whose planes differ in shape.

use super::numbering::Numbering;

/// A set of state numbers.
#[derive(Clone, Debug)]
pub struct Bits {
    plane_words: usize,
    planes: Vec<Vec<u64>>,
}

impl Bits {
    /// The empty set of numbers of this numbering.
    #[must_use]
    pub(super) fn new(numbering: &Numbering) -> Self {
        Self { plane_words: numbering.plane_words(), planes: vec![Vec::new(); numbering.planes()] }
    }

    const fn place(&self, number: u64) -> (usize, usize, u64) {
        let word = (number / 64) as usize;
        (word / self.plane_words, word % self.plane_words, 1 << (number % 64))
    }

    /// Whether the number is in the set.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let (plane, word, bit) = self.place(number);
        self.planes[plane].get(word).is_some_and(|word| word & bit != 0)
    }

    /// Adds a number.
    pub(super) fn insert(&mut self, number: u64) {
        let (plane, word, bit) = self.place(number);
        self.plane_mut(plane)[word] |= bit;
    }

    /// So many words from the one that a number is in; none as long as nothing is in their plane.
    pub(super) fn words_from(&self, number: u64, count: usize) -> &[u64] {
        let (plane, word, _) = self.place(number);
        self.planes[plane].get(word..word + count).unwrap_or_default()
    }

    /// Adds what is in another set.
    pub(super) fn add(&mut self, other: &Self) {
        for (plane, more) in other.planes.iter().enumerate().filter(|(_, more)| !more.is_empty()) {
            for (word, more) in self.plane_mut(plane).iter_mut().zip(more) {
                *word |= more;
            }
        }
    }

    /// What of another set is not in this one, in the memory of this one.
    pub(super) fn left_of(mut self, all: &Self) -> Self {
        for (plane, all) in all.planes.iter().enumerate().filter(|(_, all)| !all.is_empty()) {
            for (word, all) in self.plane_mut(plane).iter_mut().zip(all) {
                *word = all & !*word;
            }
        }
        self
    }

    /// The words of a plane; none as long as nothing is in it.
    pub(super) fn plane(&self, plane: usize) -> &[u64] {
        &self.planes[plane]
    }

    /// The words of a plane, which from now on take memory.
    pub(super) fn plane_mut(&mut self, plane: usize) -> &mut [u64] {
        let words = &mut self.planes[plane];
        if words.is_empty() {
            *words = vec![0; self.plane_words];
        }
        words
    }

    /// The words of all planes, those that nothing is in being empty.
    pub(super) fn planes_mut(&mut self) -> impl Iterator<Item = &mut [u64]> {
        self.planes.iter_mut().map(Vec::as_mut_slice)
    }

    /// Whether the plane takes memory.
    pub(super) fn holds_plane(&self, plane: usize) -> bool {
        !self.planes[plane].is_empty()
    }

    /// How many numbers are in the set.
    #[must_use]
    pub fn count(&self) -> u64 {
        let words = self.planes.iter().flatten();
        words.map(|word| u64::from(word.count_ones())).sum()
    }

    /// The memory that the set takes, in bytes.
    #[must_use]
    pub(super) fn bytes(&self) -> u64 {
        self.planes.iter().map(|words| words.len() as u64 * 8).sum()
    }

    /// A number above those of every plane that takes memory.
    pub(super) fn bound(&self) -> u64 {
        let held = self.planes.iter().rposition(|words| !words.is_empty());
        held.map_or(0, |plane| ((plane + 1) * self.plane_words) as u64 * 64)
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.planes.iter().enumerate().flat_map(|(plane, words)| {
            let first = (plane * self.plane_words) as u64 * 64;
            words.iter().zip(0..).flat_map(move |(word, place)| {
                ones(*word).map(move |bit| first + place * 64 + u64::from(bit))
            })
        })
    }
}

/// The places of the ones in a word, ascending.
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        (word != 0).then(|| {
            let place = word.trailing_zeros();
            word &= word - 1;
            place
        })
    })
}
