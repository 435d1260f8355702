// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"slices"
)

// hiddenCause returns the cause of an error without an Unwrap method: the result of a Cause or OrigErr
// method, or an exported field with one of the causeNames. Unexported fields are not read.
func hiddenCause(err error) (inner error) {
	defer func() {
		if recover() != nil {
			inner = nil
		}
	}()
	switch e := err.(type) { //nolint:errorlint // One error of the chain at a time.
	case interface{ Cause() error }: // github.com/pkg/errors.
		return e.Cause()
	case interface{ OrigErr() error }: // aws-sdk-go.
		return e.OrigErr()
	}
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return nil
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Type == reflect.TypeFor[error]() && slices.Contains(causeNames[:], f.Name) {
			inner, _ = reflect.TypeAssert[error](v.Field(i))
			return inner
		}
	}
	return nil
}
