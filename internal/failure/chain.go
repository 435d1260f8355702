// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

// maxChain bounds the errors of a chain, because an error may wrap itself.
const maxChain = 16

// Chain returns the errors that err wraps, each as its type and message, in the order in which [errors.Is]
// visits them. The chain of an error that wraps none is nil.
func Chain(err error) (chain []string) {
	visitAll(err, 0, func(e error) bool {
		chain = append(chain, goType(e)+": "+Message(e))
		return len(chain) < maxChain
	})
	if len(chain) < 2 {
		return nil
	}
	return chain[1:] // The first is err itself.
}

// visitAll calls visit for err and each error that it wraps, until visit returns false. It bounds the depth
// and recovers from panics of Unwrap methods.
func visitAll(err error, depth int, visit func(error) bool) bool {
	if err == nil || depth == maxChain {
		return true
	}
	if !isAnnotation(err) && !visit(err) {
		return false
	}
	for _, inner := range unwrap(err) {
		if !visitAll(inner, depth+1, visit) {
			return false
		}
	}
	return true
}

// maxVisits bounds the errors that are visited in a chain.
const maxVisits = 1000

// terminates reports whether the chain of an error ends. Package errors would follow a cycle forever.
func terminates(err error) bool {
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

// unwrap returns the errors that an error wraps.
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

// Code returns the result of the first ErrorCode method in the chain, or "".
func Code(err error) string {
	var coded interface{ ErrorCode() string }
	if !as(err, &coded) {
		return ""
	}
	return safely(coded.ErrorCode)
}

// RecoveryAction returns the result of the first RecoveryAction method in the chain, or "".
func RecoveryAction(err error) string {
	var acted interface{ RecoveryAction() string }
	if !as(err, &acted) {
		return ""
	}
	return safely(acted.RecoveryAction)
}

// safely calls a method of an error, which may panic.
func safely(method func() string) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	return method()
}
