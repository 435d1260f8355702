// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan

import "strings"

// A Mode is how much of a value a [Scanner] reports.
type Mode uint8

const (
	// Scalar reports a string, a number, a boolean or null when it ends, with at most [MaxText]
	// bytes of its text. Objects and arrays are not reported.
	Scalar Mode = iota
	// Pieces reports a string in pieces as they arrive, and then its end. No byte is kept.
	Pieces
	// Raw reports any value when it ends, as the JSON that was sent, with at most [MaxRaw] bytes.
	// Of each of its strings at most [MaxRawText] bytes are reported.
	Raw
	// Begin reports that a value begins, with its kind. A string, a number, a boolean or null is
	// also reported as in Scalar.
	Begin
)

// A Field is a place in a document.
type Field struct {
	// Path is the keys that lead to the value, with dots between them. "*" stands for the
	// elements of an array or the values of an object: "choices.*.delta.content". The empty
	// path is the document.
	Path string
	// ID is what the field's values carry. It is not negative.
	ID int
	// Mode is how much of the value is reported.
	Mode Mode
}

// A Plan is the fields that a [Scanner] reports. It does not change, and many scanners can use
// it at the same time.
type Plan struct {
	root   *node
	isList bool // The elements of an array may stand in place of documents.
}

// NewPlan returns a plan with the given fields.
func NewPlan(fields ...Field) *Plan {
	p := &Plan{root: &node{field: none}}
	for _, f := range fields {
		n := p.root
		if f.Path != "" {
			for key := range strings.SplitSeq(f.Path, ".") {
				n = n.child(key)
			}
		}
		n.field, n.mode = f.ID, f.Mode
	}
	return p
}

// NewListPlan returns a plan of documents that may be the elements of an array, as Gemini streams
// them. A scanner reports the end of each element as the end of a document, and the array is on no
// path.
func NewListPlan(fields ...Field) *Plan {
	p := NewPlan(fields...)
	p.isList = true
	return p
}

// none is the field of a node that no field names.
const none = -1

// A node is a key on the way to fields.
type node struct {
	key      string
	field    int
	mode     Mode
	children []*node
	any      *node // The child for all keys that no other child has.
}

// isRaw reports whether the value at the node is kept as it was sent.
func (n *node) isRaw() bool { return n != nil && n.field != none && n.mode == Raw }

func (n *node) child(key string) *node {
	if key == "*" {
		if n.any == nil {
			n.any = &node{key: key, field: none}
		}
		return n.any
	}
	for _, c := range n.children {
		if c.key == key {
			return c
		}
	}
	c := &node{key: key, field: none}
	n.children = append(n.children, c)
	return c
}

// find returns the child for a key of the document, or nil.
func (n *node) find(key []byte) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if string(key) == c.key {
			return c
		}
	}
	return n.any
}

// list reads a byte of the array around the documents, and reports whether it is one.
func (s *Scanner) list(c byte) bool {
	switch {
	case c == '[' && !s.inList:
		s.inList = true
	case c == ']' && s.inList:
		s.inList = false
	case c == ',' && s.inList:
	default:
		return false
	}
	return true
}
