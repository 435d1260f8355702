// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Each SDK has its own error type for a server's answer. SDKs are not imported here, so reflection finds
// what the types have in common: a number or a text named status or code, in a field or a method without
// arguments; of the error, of an embedded type, of the response or of the decoded payload.

// statusClass returns the class of a server's answer that one error reports: an HTTP status, a gRPC code,
// a WebSocket close code, or "".
func statusClass(err error) string {
	v := reflect.ValueOf(err)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return ""
	}
	if v.Kind() != reflect.Pointer { // Methods may have a pointer receiver.
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	of := layoutOf(v.Type())
	if of.isStatus {
		return httpStatus(number(v.Elem()), minStatus)
	}
	named := ""
	for _, read := range of.readers {
		class, isName := read.safeClass(v, of.isClose)
		if class != "" && !isName {
			return class
		}
		if named == "" {
			named = class
		}
	}
	return named // Google's HTTP errors have it beside their number.
}

// layout has the places of an error type that may contain a status or a code.
type layout struct {
	readers  []reader // In the order of their rank.
	isClose  bool     // The type is for a closed WebSocket.
	isStatus bool     // The error itself is an HTTP status.
}

// layouts caches the layout of each error type. Programs have few.
var layouts sync.Map // reflect.Type → *answers

func layoutOf(pointer reflect.Type) *layout {
	if a, ok := layouts.Load(pointer); ok {
		return a.(*layout)
	}
	t := pointer.Elem()
	name := strings.ToLower(t.Name())
	a := &layout{
		isClose:  strings.Contains(name, "close"),
		isStatus: isNumber(t.Kind()) && containsAny(name, "status", "http"),
	}
	var found [ranks][]reader
	collect(&found, pointer, nil, 0)
	for _, readers := range found {
		a.readers = append(a.readers, readers...)
	}
	layouts.Store(pointer, a)
	return a
}

// A rank orders the places: those with only one meaning come first.
type rank int

const (
	status rank = iota
	grpcStatus
	code
	ranks
)

// reader reads one place of an error.
type reader struct {
	rank   rank
	path   []int // The fields from the error to the place, or to the value with the method.
	method int   // Of the value at the end of the path; -1 for a field.
}

func isNamed(name string, names []string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "")
	name = strings.TrimPrefix(name, "get")
	return slices.Contains(names, name)
}

func rankOf(name string) (rank, bool) {
	switch {
	case isNamed(name, statusNames[:]):
		return status, true
	case isNamed(name, codeNames[:]):
		return code, true
	}
	return 0, false
}

// maxNested bounds how deep responses and payloads are searched.
const maxNested = 3

// collect finds the places of a pointer type.
func collect(found *[ranks][]reader, pointer reflect.Type, path []int, depth int) {
	path = slices.Clip(path)
	for i := range pointer.NumMethod() {
		m := pointer.Method(i)
		if m.Type.NumIn() != 1 || m.Type.NumOut() != 1 {
			continue
		}
		if m.Name == "GRPCStatus" {
			found[grpcStatus] = append(found[grpcStatus], reader{grpcStatus, path, i})
		} else if r, ok := rankOf(m.Name); ok && isReadable(m.Type.Out(0)) {
			found[r] = append(found[r], reader{r, path, i})
		}
	}
	t := pointer.Elem()
	if t.Kind() != reflect.Struct {
		return
	}
	// An unexported code may have any meaning: 517 in the error of a database is not a status.
	ofHTTP := containsAny(strings.ToLower(t.Name()), "http", "status", "api", "response")
	for i := range t.NumField() {
		f := t.Field(i)
		if r, ok := rankOf(f.Name); ok && isReadable(f.Type) && (r == status || f.IsExported() || ofHTTP) {
			found[r] = append(found[r], reader{r, append(path, i), -1})
		}
	}
	if depth == maxNested {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous && !isNamed(f.Name, responseNames[:]) {
			continue
		}
		inner := f.Type
		if inner.Kind() != reflect.Pointer {
			inner = reflect.PointerTo(inner)
		}
		if inner.Elem().Kind() == reflect.Struct && inner != pointer && !isProcessType(inner.Elem()) {
			collect(found, inner, append(path, i), depth+1)
		}
	}
}

func containsAny(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// isProcessType reports whether a type describes the end of a process: the wait status of a process that
// exits with 2 is the number 512.
func isProcessType(t reflect.Type) bool { return t.PkgPath() == "os" || t.PkgPath() == "syscall" }

// isReadable reports whether values of the type may be a number or its text.
func isReadable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return (isNumber(t.Kind()) || t.Kind() == reflect.String || t.Kind() == reflect.Interface) && !isProcessType(t)
}

func isNumber(k reflect.Kind) bool {
	return k >= reflect.Int && k <= reflect.Float64 && k != reflect.Uintptr
}

// safeClass calls class, and with it methods of an error, which may panic.
func (r reader) safeClass(v reflect.Value, closes bool) (class string, isName bool) {
	defer func() {
		if recover() != nil {
			class = ""
		}
	}()
	return r.class(v, closes)
}

// class returns the class at the place, and whether it is the name of a gRPC code. Unexported fields are
// read, but their methods are not called.
func (r reader) class(v reflect.Value, closes bool) (class string, isName bool) {
	for _, i := range r.path {
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return "", false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if r.method >= 0 {
		if v = receiver(v); !v.IsValid() {
			return "", false
		}
		v = v.Method(r.method).Call(nil)[0]
	}
	if r.rank == grpcStatus {
		return codeOfGRPCStatus(v), false
	}
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return "", false
		}
		v = v.Elem()
	}
	if v.Kind() == reflect.String {
		return classOfText(v.String(), r.rank)
	}
	n := number(v)
	switch {
	case closes && n >= minClose && n <= maxClose:
		return strconv.Itoa(n), false
	case r.rank == status:
		return httpStatus(n, minStatus), false
	case v.Kind() == reflect.Uint32 && v.Type().Name() == "Code" && n > 0 && n < len(grpcCodes): // As in connect-go.
		return grpcCodes[n], false
	}
	return httpStatus(n, minError), false
}

// receiver returns a pointer to a value, for calls of its methods. It is not valid for a nil pointer, or
// if the path contains an unexported field.
func receiver(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		v = v.Addr()
	}
	if v.IsNil() || !v.CanInterface() {
		return reflect.Value{}
	}
	return v
}

const (
	minStatus = 300 // After a status of 2xx, the error occurred later.
	minError  = 400 // Of a number that is only named code.
	maxStatus = 599
	minClose  = 1000 // RFC 6455, section 7.4.
	maxClose  = 4999
)

// httpStatus returns the class of an HTTP status, or "" if it is not the status of an error.
func httpStatus(n, least int) string {
	if n < least || n > maxStatus {
		return ""
	}
	return strconv.Itoa(n)
}

// number returns a whole number that may be a status, or 0.
func number(v reflect.Value) int {
	switch {
	case v.CanInt():
		if n := v.Int(); n > 0 && n <= maxClose {
			return int(n)
		}
	case v.CanUint():
		if n := v.Uint(); n <= maxClose {
			return int(n)
		}
	case v.CanFloat(): // JSON numbers decoded into an interface.
		if f := v.Float(); f > 0 && f <= maxClose && f == float64(int(f)) {
			return int(f)
		}
	}
	return 0
}

// classOfText returns the class in a text: the status in "429" and "429 Too Many Requests", or the name of
// a gRPC code.
func classOfText(text string, r rank) (class string, isName bool) {
	first, _, _ := strings.Cut(text, " ")
	if n, err := strconv.Atoi(first); err == nil {
		if r == status {
			return httpStatus(n, minStatus), false
		}
		return httpStatus(n, minError), false
	}
	return grpcName(text), true
}
