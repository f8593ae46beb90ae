package main

import "time"

// tolerates reports whether the toleration covers the taint.
func (t toleration) tolerates(on taint) bool {
	if t.Effect != "" && t.Effect != on.Effect || t.Key != "" && t.Key != on.Key {
		return false
	}
	switch t.Operator {
	case "", "Equal":
		return t.Value == on.Value
	case "Exists":
		return true
	}
	return false
}

// stay returns how long a pod may stay under the taints: ok is false when it must go at once, forever is true when
// it need not go at all. For each taint the first toleration that covers it counts, and of those the shortest.
func stay(taints []taint, tolerations []toleration) (limit time.Duration, forever, ok bool) {
	forever = true
	for _, on := range taints {
		covered := false
		for _, t := range tolerations {
			if !t.tolerates(on) {
				continue
			}
			covered = true
			if t.TolerationSeconds != nil {
				allowed := time.Duration(*t.TolerationSeconds) * time.Second
				if allowed < 0 {
					allowed = 0
				}
				if forever || allowed < limit {
					limit = allowed
				}
				forever = false
			}
			break
		}
		if !covered {
			return 0, false, false
		}
	}
	return limit, forever, true
}
