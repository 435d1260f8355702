// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"strings"
)

// codeOfGRPCStatus returns the name of the code of gRPC's *status.Status.
func codeOfGRPCStatus(v reflect.Value) string {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return ""
	}
	m := v.MethodByName("Code")
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return ""
	}
	out := m.Call(nil)[0]
	if !out.CanUint() && !out.CanInt() {
		return ""
	}
	n := number(out)
	switch {
	case n == 0:
		return "" // OK is not an error.
	case n < len(grpcCodes):
		return grpcCodes[n]
	}
	return grpcCodes[unknownCode]
}

const unknownCode = 2

// grpcCodes are the names of gRPC's codes. The semantic conventions use them as error.type.
var grpcCodes = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
	"UNAUTHENTICATED",
}

// grpcName returns the gRPC code that a text names in any case, or "".
func grpcName(text string) string {
	if strings.EqualFold(text, "canceled") { // As Connect and Twirp spell it.
		return grpcCodes[1]
	}
	for _, name := range grpcCodes[1:] {
		if strings.EqualFold(text, name) {
			return name
		}
	}
	return ""
}
