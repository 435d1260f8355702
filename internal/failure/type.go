// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// other is the error.type of an error without a class, a code or a type, as in OpenTelemetry's semantic
// conventions.
const other = "_OTHER"

// maxType bounds an error.type, which is an attribute of metrics.
const maxType = 128

// Type returns the error.type of err: the class of failure that an operator acts on. It is the first of
// these that is found anywhere in the chain, the outermost error first:
//
//   - the result of an ErrorType() string method, bounded
//   - the HTTP status in the error of any SDK: "429"
//   - a gRPC code: "UNAVAILABLE"
//   - a WebSocket close code: "1011"
//   - "timeout" of a context, a deadline or a network, "canceled"
//   - "connection_refused", "connection_reset", "connection_aborted", "network_unreachable"
//   - "dns" and "tls"
//
// Otherwise it is "unexpected_eof", "eof" or "closed", the code of an AWS error, the Go type of the first
// error that is not a wrapper, or "_OTHER" if all errors have a general type, such as those of errors.New
// and fmt.Errorf. The type of nil is "".
func Type(err error) string {
	if err == nil {
		return ""
	}
	if t := declaredType(err); t != "" {
		return t
	}
	if class := search(err, strongClass); class != "" {
		return class
	}
	if search(err, timedOut) != "" {
		return timeout
	}
	t, _ := describe(err, new(maxVisits))
	if t == "" {
		return other
	}
	return bounded(t)
}

// TypeName returns the exception.type of err: the result of its ErrorType method, or else the Go type of
// the first error of the chain that is not a wrapper.
func TypeName(err error) string {
	if t := declaredType(err); t != "" {
		return t
	}
	return goType(unwrapGeneric(err))
}

// declaredType returns the result of the first ErrorType method in the chain.
func declaredType(err error) string {
	var typed interface{ ErrorType() string }
	if !as(err, &typed) {
		return ""
	}
	return bounded(safely(typed.ErrorType))
}

// bounded returns the first line of a text, shortened.
func bounded(t string) string {
	t = strings.TrimSpace(cleantext.String(t))
	if i := strings.IndexFunc(t, unicode.IsControl); i >= 0 {
		t = strings.TrimSpace(t[:i])
	}
	if len(t) > maxType {
		t = cleantext.Head(t, maxType)
	}
	return t
}

// search returns the first class in the chain, the outermost error first. Here the chain includes causes
// without an Unwrap method: an SDK hides them because programs must not depend on them, but an operator
// needs their class.
func search(err error, classOf func(error) string) string {
	visits := 0
	var visit func(error) string
	visit = func(err error) string {
		visits++
		if err == nil || visits > maxVisits {
			return ""
		}
		if !isAnnotation(err) {
			if class := safeClass(classOf, err); class != "" {
				return class
			}
		}
		inner := unwrap(err)
		for _, e := range inner {
			if class := visit(e); class != "" {
				return class
			}
		}
		if len(inner) == 0 {
			return visit(hiddenCause(err))
		}
		return ""
	}
	return visit(err)
}

func safeClass(classOf func(error) string, err error) (class string) {
	defer func() {
		if recover() != nil {
			class = ""
		}
	}()
	return classOf(err)
}

// describe returns the type of a chain without a strong class: the weak class of an error in it, or else a
// Go type. Of joined errors, the first that has either counts.
func describe(err error, budget *int) (t string, isClass bool) {
	*budget--
	if err == nil || *budget < 0 {
		return "", false
	}
	if class := safeClass(weakClass, err); class != "" {
		return class, true
	}
	inner := unwrap(err)
	if len(inner) > 1 {
		for _, e := range inner {
			if t, isClass = describe(e, budget); t != "" {
				return t, isClass
			}
		}
	} else if len(inner) == 1 {
		t, isClass = describe(inner[0], budget)
	}
	if isClass {
		return t, true
	}
	if isNetworkWrapper(err) && t != "" || !hasOwnType(err) {
		return t, false
	}
	return goType(err), false
}

// unwrapGeneric unwraps the wrappers of fmt and errors, whose types are general.
func unwrapGeneric(err error) error {
	for range maxVisits {
		switch goType(err) {
		case "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError", "*failure.Annotated":
		default:
			return err
		}
		inner := unwrap(err)
		if len(inner) == 0 || inner[0] == nil {
			return err
		}
		err = inner[0]
	}
	return err
}

func goType(err error) string {
	t := reflect.TypeOf(err)
	if t == nil {
		return ""
	}
	return t.String()
}

// hasOwnType reports whether the Go type of an error is specific, unlike that of errors.New.
func hasOwnType(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" || isAnnotation(err) {
		return false
	}
	path := t.PkgPath()
	for _, general := range wrapperPackages {
		if rest, ok := strings.CutPrefix(path, general); ok && (rest == "" || rest[0] == '/') {
			return false
		}
	}
	return true
}
