// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// SDKs have an error type each for what a server answered. They are not imported here, so what
// they have in common is found by reflection: a number or a text that is called a status or a
// code, in a field or a method without arguments, of the error, of what it embeds, of the
// response that it keeps or of the payload that it decoded.

// answered returns the class of what a server answered by one error: an HTTP status, a gRPC
// code, a WebSocket close code, or "".
func answered(err error) string {
	v := reflect.ValueOf(err)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return ""
	}
	if v.Kind() != reflect.Pointer { // Methods may have a pointer as their receiver, too.
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	of := answersOf(v.Type())
	if of.bare {
		return httpStatus(number(v.Elem()), leastStatus)
	}
	named := ""
	for _, read := range of.readers {
		class, isName := read.guarded(v, of.closes)
		if class != "" && !isName {
			return class
		}
		if named == "" {
			named = class
		}
	}
	return named // As Google's HTTP errors have it beside their number.
}

// answers are the places of a type that may say what a server answered.
type answers struct {
	readers []reader // The most telling first.
	closes  bool     // The type is that of a closed WebSocket.
	bare    bool     // The error itself is an HTTP status.
}

// known remembers the answers of types. Programs have few types of errors.
var known sync.Map // reflect.Type → *answers

func answersOf(pointer reflect.Type) *answers {
	if a, ok := known.Load(pointer); ok {
		return a.(*answers)
	}
	t := pointer.Elem()
	name := strings.ToLower(t.Name())
	a := &answers{
		closes: strings.Contains(name, "close"),
		bare:   isNumber(t.Kind()) && containsAny(name, "status", "http"),
	}
	var found [ranks][]reader
	collect(&found, pointer, nil, 0)
	for _, readers := range found {
		a.readers = append(a.readers, readers...)
	}
	known.Store(pointer, a)
	return a
}

// A rank orders what is read: what can only mean one thing comes first.
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
	path   []int // The fields from the error to the place, or to what has the method.
	method int   // Of what is at the end of the path; -1 for a field.
}

// The names, in lower case and without what goes before "get" and underscores.
var (
	statusNames  = [...]string{"statuscode", "httpstatuscode", "httpstatus", "httpcode", "status", "responsecode", "responsestatus", "responsestatuscode"}
	codeNames    = [...]string{"code", "errorcode", "closecode"}
	answerFields = [...]string{"response", "resp", "res", "httpresponse", "rawresponse", "error", "err", "apierror", "body", "detail", "inner"}
)

func isNamed(name string, names []string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "")
	name = strings.TrimPrefix(name, "get")
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
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

// maxNested bounds how deep responses and payloads are looked into.
const maxNested = 3

// collect finds the places of a type, which is a pointer.
func collect(found *[ranks][]reader, pointer reflect.Type, path []int, depth int) {
	path = path[:len(path):len(path)]
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
	// A code that is not exported may be of anything; a database's 517 is no status.
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
		if !f.Anonymous && !isNamed(f.Name, answerFields[:]) {
			continue
		}
		inner := f.Type
		if inner.Kind() != reflect.Pointer {
			inner = reflect.PointerTo(inner)
		}
		if inner.Elem().Kind() == reflect.Struct && inner != pointer && !ofProcess(inner.Elem()) {
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

// ofProcess reports whether a type is of what an operating system says of a process: the wait
// status of one that exits with 2 is the number 512.
func ofProcess(t reflect.Type) bool { return t.PkgPath() == "os" || t.PkgPath() == "syscall" }

// isReadable reports whether values of the type may be a number or its text.
func isReadable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return (isNumber(t.Kind()) || t.Kind() == reflect.String || t.Kind() == reflect.Interface) && !ofProcess(t)
}

func isNumber(k reflect.Kind) bool {
	return k >= reflect.Int && k <= reflect.Float64 && k != reflect.Uintptr
}

// guarded calls class, and with it methods that are not trusted to behave.
func (r reader) guarded(v reflect.Value, closes bool) (class string, isName bool) {
	defer func() {
		if recover() != nil {
			class = ""
		}
	}()
	return r.class(v, closes)
}

// class returns what the place says, and whether it is a text that is the name of a gRPC code.
// Values of fields that are not exported are only read.
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
	case closes && n >= leastClose && n <= mostClose:
		return strconv.Itoa(n), false
	case r.rank == status:
		return httpStatus(n, leastStatus), false
	case v.Kind() == reflect.Uint32 && v.Type().Name() == "Code" && n > 0 && n < len(grpcCodes): // As connect-go's is.
		return grpcCodes[n], false
	}
	return httpStatus(n, leastError), false
}

// receiver returns the pointer to a value, whose methods may be called. It is not valid if
// there is none, or if a field on the way to it is not exported.
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
	leastStatus = 300 // Of an answer that was refused; 200 says that the error came later.
	leastError  = 400 // Of what is only called a code.
	mostStatus  = 599
	leastClose  = 1000 // RFC 6455, section 7.4.
	mostClose   = 4999
)

// httpStatus returns the class of an HTTP status, or "" if it is none of an error.
func httpStatus(n, least int) string {
	if n < least || n > mostStatus {
		return ""
	}
	return strconv.Itoa(n)
}

// number returns a whole number that may be a status, else 0.
func number(v reflect.Value) int {
	switch {
	case v.CanInt():
		if n := v.Int(); n > 0 && n <= mostClose {
			return int(n)
		}
	case v.CanUint():
		if n := v.Uint(); n <= mostClose {
			return int(n)
		}
	case v.CanFloat(): // Numbers of JSON that were decoded into an interface.
		if f := v.Float(); f > 0 && f <= mostClose && f == float64(int(f)) {
			return int(f)
		}
	}
	return 0
}

// classOfText returns the class that a text stands for: "429", "429 Too Many Requests" of a
// status, or the name of a gRPC code.
func classOfText(text string, r rank) (class string, isName bool) {
	first, _, _ := strings.Cut(text, " ")
	if n, err := strconv.Atoi(first); err == nil {
		if r == status {
			return httpStatus(n, leastStatus), false
		}
		return httpStatus(n, leastError), false
	}
	return grpcName(text), true
}
