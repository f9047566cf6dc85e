package dev.millrace.modules;

import dev.millrace.api.ModelSpec;
import dev.millrace.api.VisionModule;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;

/** Finds the module for a model by the {@code kind} that its {@code model.yaml} declares. */
public final class Modules {
    private Modules() {}

    /**
     * A ready module, or an instance of the class that {@code kind} names.
     *
     * @throws IllegalArgumentException with one line: the kind, its value, and what to do
     */
    public static VisionModule create(ModelSpec spec) {
        return switch (spec.kind()) {
            case "classifier" -> new Classifier(spec);
            case "detector" -> new Detector(spec);
            case "embedding" -> new Embedder(spec);
            case "segmentation" -> new Segmenter(spec);
            case "text" -> new TextDetector(spec);
            default -> instantiate(spec);
        };
    }

    private static VisionModule instantiate(ModelSpec spec) {
        Class<?> type = load(spec);
        if (!VisionModule.class.isAssignableFrom(type)) {
            throw wrong(
                    spec,
                    "does not extend "
                            + VisionModule.class.getName()
                            + "; make it"
                            + " extend that class",
                    null);
        }
        if (Modifier.isAbstract(type.getModifiers()) || !Modifier.isPublic(type.getModifiers())) {
            throw wrong(spec, "cannot be created; make the class public and not abstract", null);
        }
        try {
            return (VisionModule) type.getConstructor(ModelSpec.class).newInstance(spec);
        } catch (NoSuchMethodException e) {
            throw wrong(spec, "has no public constructor that takes a ModelSpec; add one", e);
        } catch (InvocationTargetException e) {
            throw wrong(
                    spec,
                    "failed in its constructor: " + e.getCause() + "; correct the cause",
                    e.getCause());
        } catch (LinkageError e) {
            throw unlinked(spec, e);
        } catch (ReflectiveOperationException e) {
            throw wrong(spec, "cannot be created (" + e + "); make it a public top-level class", e);
        }
    }

    private static Class<?> load(ModelSpec spec) {
        try {
            // Its static initializers run once it is known to be a module: a bundle names any
            // class.
            return Class.forName(spec.kind(), false, Modules.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw wrong(
                    spec,
                    "is neither classifier, detector, embedding, segmentation nor text, nor a class on the class"
                            + " path; add the class's jar to MILLRACE_CLASSPATH, or correct the"
                            + " name",
                    e);
        } catch (LinkageError e) {
            throw unlinked(spec, e);
        }
    }

    private static IllegalArgumentException unlinked(ModelSpec spec, LinkageError e) {
        return wrong(
                spec,
                "cannot be loaded ("
                        + e
                        + "); add the jars that it needs to"
                        + " MILLRACE_CLASSPATH",
                e);
    }

    private static IllegalArgumentException wrong(ModelSpec spec, String remedy, Throwable cause) {
        String line = "model '" + spec.name() + "': kind: '" + spec.kind() + "' " + remedy;
        return new IllegalArgumentException(line.replaceAll("\\s*\\R\\s*", " "), cause);
    }
}
