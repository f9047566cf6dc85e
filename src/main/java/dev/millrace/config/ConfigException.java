package dev.millrace.config;

import dev.millrace.yaml.Mistake;

/** A mistake in the configuration. */
public final class ConfigException extends Mistake {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public static ConfigException of(Object where, String key, Object value, String remedy) {
        return new ConfigException(line(where, key, value, remedy));
    }
}
