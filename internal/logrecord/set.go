// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

// Set is a set of keys with one bit for each key, out of 128. It may report a key that was not
// added, but never misses one that was. Keys with different bits differ, so most keys of a
// record need not be compared with the others. The zero Set is empty.
type Set [2]uint64

// Add adds all keys of another set.
func (s *Set) Add(keys Set) {
	s[0] |= keys[0]
	s[1] |= keys[1]
}

// MayHave reports whether one of the keys may be in the set.
func (s *Set) MayHave(keys *Set) bool { return s[0]&keys[0]|s[1]&keys[1] != 0 }

func setOf(hash uint64) (s Set) {
	s[hash>>63] = 1 << (hash >> 57 & 63)
	return s
}
