// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/contrib/otelconf"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// errSampler means that the file has a sampler of an unknown kind, or of several.
var errSampler = errors.New("tracer_provider.sampler: want one of parent_based, always_on, always_off or trace_id_ratio_based")

// newSampler returns the sampler of the file. Ratios are those of [voicesdk.RatioSampler], at any
// depth. Without a sampler all traces are kept that the parent keeps.
func newSampler(s *otelconf.Sampler) (sdktrace.Sampler, error) {
	if s == nil {
		return sdktrace.ParentBased(sdktrace.AlwaysSample()), nil
	}
	kinds := 0
	for _, set := range []bool{s.ParentBased != nil, s.AlwaysOff != nil, s.AlwaysOn != nil, s.TraceIDRatioBased != nil} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return nil, errSampler
	case s.ParentBased != nil:
		return newParentBased(s.ParentBased)
	case s.AlwaysOff != nil:
		return sdktrace.NeverSample(), nil
	case s.AlwaysOn != nil:
		return sdktrace.AlwaysSample(), nil
	}
	ratio := s.TraceIDRatioBased.Ratio
	if ratio == nil {
		return voicesdk.RatioSampler(1), nil
	}
	if !(*ratio >= 0 && *ratio <= 1) { // Also not a number.
		return nil, fmt.Errorf("tracer_provider.sampler: trace_id_ratio_based.ratio is %v: want 0 to 1", *ratio)
	}
	return voicesdk.RatioSampler(*ratio), nil
}

// newParentBased returns a sampler that follows the parent. The root's is always_on by default.
func newParentBased(s *otelconf.ParentBasedSampler) (sdktrace.Sampler, error) {
	root := sdktrace.AlwaysSample()
	if s.Root != nil {
		var err error
		if root, err = newSampler(s.Root); err != nil {
			return nil, err
		}
	}
	var opts []sdktrace.ParentBasedSamplerOption
	for _, parent := range []struct {
		sampler *otelconf.Sampler
		option  func(sdktrace.Sampler) sdktrace.ParentBasedSamplerOption
	}{
		{s.RemoteParentSampled, sdktrace.WithRemoteParentSampled},
		{s.RemoteParentNotSampled, sdktrace.WithRemoteParentNotSampled},
		{s.LocalParentSampled, sdktrace.WithLocalParentSampled},
		{s.LocalParentNotSampled, sdktrace.WithLocalParentNotSampled},
	} {
		if parent.sampler == nil {
			continue
		}
		sampler, err := newSampler(parent.sampler)
		if err != nil {
			return nil, err
		}
		opts = append(opts, parent.option(sampler))
	}
	return sdktrace.ParentBased(root, opts...), nil
}
