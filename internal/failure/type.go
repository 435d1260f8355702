// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// other is the error.type of an error that no class, code or type tells more of, as
// OpenTelemetry's conventions have it.
const other = "_OTHER"

// maxType bounds an error.type, which is a dimension of metrics.
const maxType = 128

// Type returns the value of error.type for err: the class of failure that an operator acts
// on. It is the first of these that is found anywhere in the chain, the outermost first:
//
//   - what an ErrorType() string method says, bounded
//   - the status of an HTTP answer, of whatever SDK's error: "429"
//   - a gRPC code: "UNAVAILABLE"
//   - a WebSocket close code: "1011"
//   - "timeout" of a context, a deadline or a network, "canceled"
//   - "connection_refused", "connection_reset", "connection_aborted", "network_unreachable"
//   - "dns" and "tls"
//
// Else it is "unexpected_eof", "eof" or "closed", the code of an AWS error, the Go type of the
// first error that is more than a wrapper, or "_OTHER" where no type says anything, as those
// of errors.New and fmt.Errorf do not. A nil error has no type.
func Type(err error) string {
	if err == nil {
		return ""
	}
	if t := stated(err); t != "" {
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

// TypeName returns exception.type for err: what the error says itself, else the
// Go type of the first error of the chain that is more than a wrapper.
func TypeName(err error) string {
	if t := stated(err); t != "" {
		return t
	}
	return goType(cause(err))
}

// stated returns what an ErrorType method of the chain says.
func stated(err error) string {
	var typed interface{ ErrorType() string }
	if !as(err, &typed) {
		return ""
	}
	return bounded(guarded(typed.ErrorType))
}

// bounded returns one short line of a text that may be anything.
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

// search returns the first class that is found in the chain, the outermost error first. What an
// error keeps without an Unwrap method is part of the chain here: an SDK hides it from programs,
// which must not depend on it, and an operator acts on it all the same.
func search(err error, classOf func(error) string) string {
	visits := 0
	var visit func(error) string
	visit = func(err error) string {
		visits++
		if err == nil || visits > maxVisits {
			return ""
		}
		if !transparent(err) {
			if class := guardedClass(classOf, err); class != "" {
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
			return visit(hidden(err))
		}
		return ""
	}
	return visit(err)
}

func guardedClass(classOf func(error) string, err error) (class string) {
	defer func() {
		if recover() != nil {
			class = ""
		}
	}()
	return classOf(err)
}

// describe returns what the chain says that has no strong class: the weak class of an error or
// of one that it wraps, else a Go type. Of errors that were joined the first that says anything
// counts.
func describe(err error, budget *int) (t string, isClass bool) {
	*budget--
	if err == nil || *budget < 0 {
		return "", false
	}
	if class := guardedClass(weakClass, err); class != "" {
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
	if carrier(err) && t != "" || !telling(err) {
		return t, false
	}
	return goType(err), false
}

// cause unwraps the wrappers of fmt and errors, whose types say nothing.
func cause(err error) error {
	for range maxVisits {
		switch goType(err) {
		case "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError", "*failure.Noted":
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

// telling reports whether the Go type of an error says anything: that of errors.New does not.
func telling(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" || transparent(err) {
		return false
	}
	path := t.PkgPath()
	for _, general := range generalPackages {
		if rest, ok := strings.CutPrefix(path, general); ok && (rest == "" || rest[0] == '/') {
			return false
		}
	}
	return true
}

// generalPackages make errors of whatever they are given, so that their types say nothing of it.
var generalPackages = [...]string{
	"errors", "fmt", "golang.org/x/xerrors",
	"github.com/pkg/errors", "github.com/go-errors/errors", "github.com/cockroachdb/errors", "github.com/rotisserie/eris",
	"github.com/samber/oops", "github.com/hashicorp/go-multierror", "go.uber.org/multierr",
	"github.com/cenkalti/backoff", "github.com/avast/retry-go",
}
