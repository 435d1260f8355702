// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package wer computes the word error rate of transcripts against references, and the character error
// rate for languages that do not separate words by spaces.
//
// Stability: experimental; may change in a minor release.
//
// The word error rate is (substitutions + deletions + insertions) / words of the reference, for the
// alignment with the fewest errors. It may be above 1.
//
// # Normalisation
//
// Both texts are normalised first, in this order:
//
//  1. [WithRewrite], if given.
//  2. Unicode NFKC: full-width and half-width forms, ligatures and composed letters become one form.
//  3. Case is folded ("STRASSE" and "straße" are the same), unless [WithCase] is given.
//  4. Characters without a width, such as soft hyphens, are removed.
//  5. Punctuation (categories P of Unicode) becomes a space, unless [WithPunctuation] is given. An apostrophe
//     between letters stays, in one form ("don't"), as does a point, a comma or a colon between digits ("3.5",
//     "1,000", "7:30") and a percent sign after a digit.
//
// Numbers are left as they are: "7" and "seven" are different words. [WithoutGrouping] makes "1,000" and
// "1000" the same. Symbols of currencies and of mathematics stay.
package wer

// A Result is the errors of a hypothesis. The numbers satisfy Units = Hits + Substitutions + Deletions.
type Result struct {
	// Units is how many words or characters the reference has.
	Units int
	// Hits is how many of them the hypothesis has at their place.
	Hits int

	Substitutions int // Units that were replaced by another.
	Deletions     int // Units that the hypothesis lacks.
	Insertions    int // Units that only the hypothesis has.

	// Alignment is the units of both texts in order.
	Alignment []Edit
}

// An Edit is one step of an alignment.
type Edit struct {
	Op Op
	// Reference and Hypothesis are the units, as they were normalised. Reference is empty for an insertion,
	// Hypothesis for a deletion.
	Reference, Hypothesis string
}

// An Op is the kind of an edit.
type Op byte

// The kinds of edits.
const (
	Hit          Op = '='
	Substitution Op = 'S'
	Deletion     Op = 'D'
	Insertion    Op = 'I'
)

// String returns "=", "S", "D" or "I".
func (o Op) String() string { return string(rune(o)) }

// Errors returns the number of errors.
func (r Result) Errors() int { return r.Substitutions + r.Deletions + r.Insertions }

// Rate returns the error rate. It returns false if the reference is empty, because there is no rate then;
// Insertions has the errors.
func (r Result) Rate() (rate float64, ok bool) {
	if r.Units == 0 {
		return 0, false
	}
	return float64(r.Errors()) / float64(r.Units), true
}

// Add returns the errors of both results, without alignment. The rate of a sum is that of a corpus: long
// utterances count more than short ones, unlike in a mean of rates.
func (r Result) Add(other Result) Result {
	return Result{
		Units: r.Units + other.Units, Hits: r.Hits + other.Hits,
		Substitutions: r.Substitutions + other.Substitutions, Deletions: r.Deletions + other.Deletions,
		Insertions: r.Insertions + other.Insertions,
	}
}

// Words compares the words of two texts. Words are separated by white space.
//
// Of the alignments with the fewest errors, the one with the most hits is taken. Time is proportional to
// the product of the numbers of words, and memory to their sum: 10,000 words against 10,000 take about a
// second, and some megabytes.
func Words(reference, hypothesis string, opts ...Option) Result {
	c := newConfig(opts)
	return compare(c.words(reference), c.words(hypothesis))
}

// Characters compares the characters of two texts, without white space. Use it for languages that do not
// separate words by spaces, such as Chinese, Japanese and Thai. A character is a code point: a vowel sign
// of Thai counts as one. Cost and alignment are those of [Words].
func Characters(reference, hypothesis string, opts ...Option) Result {
	c := newConfig(opts)
	return compare(c.characters(reference), c.characters(hypothesis))
}

// compare compares units.
func compare(reference, hypothesis []string) Result {
	r := Result{Units: len(reference)}
	i, j := 0, 0
	for _, op := range align(reference, hypothesis) {
		e := Edit{Op: op}
		switch op {
		case Hit:
			r.Hits++
		case Substitution:
			r.Substitutions++
		case Deletion:
			r.Deletions++
		case Insertion:
			r.Insertions++
		}
		if op != Insertion {
			e.Reference = reference[i]
			i++
		}
		if op != Deletion {
			e.Hypothesis = hypothesis[j]
			j++
		}
		r.Alignment = append(r.Alignment, e)
	}
	return r
}
