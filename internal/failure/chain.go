// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

// maxChain bounds the errors that a chain tells of: an error may wrap itself.
const maxChain = 16

// Chain returns the errors that err wraps, each as its type and message, in the
// order in which [errors.Is] looks at them. An error that wraps none has no
// chain.
func Chain(err error) (chain []string) {
	walk(err, 0, func(e error) bool {
		chain = append(chain, goType(e)+": "+Message(e))
		return len(chain) < maxChain
	})
	if len(chain) < 2 {
		return nil
	}
	return chain[1:] // The first is err itself.
}

// walk calls visit for err and all it wraps until it returns false. The depth
// is bounded, and Unwrap methods are not trusted.
func walk(err error, depth int, visit func(error) bool) bool {
	if err == nil || depth == maxChain {
		return true
	}
	if !transparent(err) && !visit(err) {
		return false
	}
	for _, inner := range unwrap(err) {
		if !walk(inner, depth+1, visit) {
			return false
		}
	}
	return true
}

// maxVisits bounds the errors that are looked at on the way through a chain.
const maxVisits = 1000

// ends reports whether the chain of an error does: package errors would follow one
// that leads back to itself for ever.
func ends(err error) bool {
	left := maxVisits
	var follow func(error) bool
	follow = func(err error) bool {
		left--
		if err == nil || left < 0 {
			return err == nil
		}
		for _, inner := range unwrap(err) {
			if !follow(inner) {
				return false
			}
		}
		return true
	}
	return follow(err)
}

// unwrap returns what an error wraps.
func unwrap(err error) (inner []error) {
	defer func() {
		if recover() != nil {
			inner = nil
		}
	}()
	switch w := err.(type) { //nolint:errorlint // The wrapper itself is meant.
	case interface{ Unwrap() error }:
		return []error{w.Unwrap()}
	case interface{ Unwrap() []error }:
		return w.Unwrap()
	}
	return nil
}

// Code returns what the first error of the chain with an ErrorCode method says
// there, or "".
func Code(err error) string {
	var coded interface{ ErrorCode() string }
	if !as(err, &coded) {
		return ""
	}
	return guarded(coded.ErrorCode)
}

// RecoveryAction returns what the first error of the chain with a
// RecoveryAction method says there, or "".
func RecoveryAction(err error) string {
	var acted interface{ RecoveryAction() string }
	if !as(err, &acted) {
		return ""
	}
	return guarded(acted.RecoveryAction)
}

// guarded calls a method of an error that is not trusted to behave.
func guarded(method func() string) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	return method()
}
