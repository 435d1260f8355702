// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import "time"

// WithDeadAir sets how long nobody may speak. A longer silence is dead air: voice.dead_air.count and the
// attributes and metrics beside it. The default is 3 s, which is where the non-talk time of Amazon Connect
// begins. [New] returns an error for a bound below 0 or above an hour.
func WithDeadAir(bound time.Duration) Option {
	return optionFunc(func(c config) config { c.deadAir = bound; return c })
}

// WithoutDeadAir disables dead air. The silence of a session is still measured.
func WithoutDeadAir() Option { return WithDeadAir(0) }
