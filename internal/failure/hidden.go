// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"slices"
)

// hiddenFields are the names of fields that hold the error behind an error.
var hiddenFields = [...]string{"Err", "Inner", "Cause", "Original", "Underlying", "Wrapped"}

// hidden returns the error that err keeps without an Unwrap method: its cause, or one in an
// exported field. Fields that are not exported stay the affair of their package.
func hidden(err error) (inner error) {
	defer func() {
		if recover() != nil {
			inner = nil
		}
	}()
	switch e := err.(type) { //nolint:errorlint // One error of the chain at a time.
	case interface{ Cause() error }: // As github.com/pkg/errors had it first.
		return e.Cause()
	case interface{ OrigErr() error }: // As the errors of aws-sdk-go.
		return e.OrigErr()
	}
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return nil
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Type == reflect.TypeFor[error]() && slices.Contains(hiddenFields[:], f.Name) {
			inner, _ = reflect.TypeAssert[error](v.Field(i))
			return inner
		}
	}
	return nil
}
