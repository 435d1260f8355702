// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lookup returns the value of a variable and whether it is set, as
// [os.LookupEnv] does.
type Lookup = func(name string) (string, bool)

// Error is one variable with an invalid value.
type Error struct {
	Variable string
	Value    string
	// Want describes the allowed values.
	Want string
}

// secret marks variables whose values are not repeated in errors.
const secret = "_HEADERS"

// Error names the variable, its value and what is allowed. A password in a URL is
// not repeated.
func (e *Error) Error() string {
	if strings.HasSuffix(e.Variable, secret) {
		return fmt.Sprintf("%s (value not shown): want %s", e.Variable, e.Want)
	}
	return fmt.Sprintf("%s=%q: want %s", e.Variable, redacted(e.Value), e.Want)
}

// redacted removes the user (before an @) and the query of a URL, which may hold secrets.
// The value is invalid, so it may not parse as a URL.
func redacted(value string) string {
	const hidden = "xxxxx"
	scheme, rest, ok := strings.Cut(value, "://")
	if ok {
		scheme += "://"
		if query := strings.IndexByte(rest, '?'); query >= 0 {
			rest = rest[:query+1] + hidden
		}
	} else {
		scheme, rest = "", value
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = hidden + rest[at:]
	}
	return scheme + rest
}

// Reader reads variables and collects the errors. It is not safe for concurrent use.
type Reader struct {
	lookup Lookup
	errs   []*Error
}

// NewReader returns a reader of lookup, or of the process's environment for nil.
func NewReader(lookup Lookup) *Reader {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	return &Reader{lookup: lookup}
}

// Err returns the errors in the order in which the variables were read, joined,
// or nil.
func (r *Reader) Err() error {
	errs := make([]error, len(r.errs))
	for i, e := range r.errs {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// Fail records an invalid value that the caller has found. An error is recorded
// once, because a variable that is common to three signals is read three times.
func (r *Reader) Fail(name, value, want string) {
	e := Error{Variable: name, Value: value, Want: want}
	if !slices.ContainsFunc(r.errs, func(known *Error) bool { return *known == e }) {
		r.errs = append(r.errs, &e)
	}
}

// String returns the value without the space around it. An empty value counts as
// unset, as the specification has it.
func (r *Reader) String(name string) (string, bool) {
	value, _ := r.lookup(name)
	value = strings.TrimSpace(value)
	return value, value != ""
}

// Bool returns true or false, in either case, or def if the variable is unset.
func (r *Reader) Bool(name string, def bool) bool {
	value, ok := r.String(name)
	switch {
	case !ok:
	case strings.EqualFold(value, "true"):
		return true
	case strings.EqualFold(value, "false"):
		return false
	default:
		r.Fail(name, value, "true or false")
	}
	return def
}

// Int returns a whole number from lowest to highest, or def if the variable is
// unset.
func (r *Reader) Int(name string, def, lowest, highest int) int {
	value, ok := r.String(name)
	if !ok {
		return def
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < lowest || n > highest {
		want := fmt.Sprintf("a whole number from %d to %d", lowest, highest)
		if highest == math.MaxInt {
			want = fmt.Sprintf("a whole number of at least %d", lowest)
		}
		r.Fail(name, value, want)
		return def
	}
	return n
}

// Milliseconds returns a duration given as a whole number of milliseconds, or
// def if the variable is unset.
func (r *Reader) Milliseconds(name string, def time.Duration) time.Duration {
	const most = math.MaxInt64 / int64(time.Millisecond)
	value, ok := r.String(name)
	if !ok {
		return def
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 || n > most {
		r.Fail(name, value, "a whole number of milliseconds")
		return def
	}
	return time.Duration(n) * time.Millisecond
}

// Ratio returns a number from 0 to 1, or def if the variable is unset.
func (r *Reader) Ratio(name string, def float64) float64 {
	value, ok := r.String(name)
	if !ok {
		return def
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		r.Fail(name, value, "a number from 0 to 1")
		return def
	}
	return f
}

// Enum returns the allowed spelling of the value, which may come in either case,
// or def if the variable is unset.
func (r *Reader) Enum(name, def string, allowed ...string) string {
	value, ok := r.String(name)
	if !ok {
		return def
	}
	for _, a := range allowed {
		if strings.EqualFold(value, a) {
			return a
		}
	}
	r.Fail(name, value, "one of "+strings.Join(allowed, ", "))
	return def
}

// List returns the elements of a comma-separated list, without surrounding space
// and without empty elements. It is false if no element remains.
func (r *Reader) List(name string) ([]string, bool) {
	value, ok := r.String(name)
	if !ok {
		return nil, false
	}
	var list []string
	for member := range strings.SplitSeq(value, ",") {
		if member = strings.TrimSpace(member); member != "" {
			list = append(list, member)
		}
	}
	return list, len(list) > 0
}

// URL returns an absolute http or https URL. It is false if the variable is
// unset or its value is no such URL. A user, a query and a fragment are refused:
// the exporters leave them out, so that a password given there would be a
// request without one.
func (r *Reader) URL(name string) (*url.URL, bool) {
	value, ok := r.String(name)
	if !ok {
		return nil, false
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || !isPort(u.Port()) ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		r.Fail(name, value, "a URL such as http://localhost:4318, without user, query and fragment")
		return nil, false
	}
	return u, true
}

// isPort reports whether s is a port, or empty.
func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return s == "" || err == nil && n > 0
}
