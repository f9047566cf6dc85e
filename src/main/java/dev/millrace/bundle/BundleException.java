package dev.millrace.bundle;

import dev.millrace.yaml.Mistake;

/** A mistake in a bundle. */
public final class BundleException extends Mistake {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(message);
    }

    public static BundleException of(Object file, String key, Object value, String remedy) {
        return new BundleException(line(file, key, value, remedy));
    }
}
