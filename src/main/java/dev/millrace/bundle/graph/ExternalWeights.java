package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Weights that an export keeps in files beside {@code model.onnx}, as PyTorch does by default and
 * every exporter does above 2 GiB. They are read into the model, so that what is grafted is one
 * file.
 */
final class ExternalWeights {
    /** What one protobuf message holds, less what the graph itself takes. */
    private static final long MOST = Integer.MAX_VALUE - (64L << 20);

    private final Path onnx;
    private final ModelProto model;

    /** The files by the names that the model has for them. */
    private final Map<String, Path> files = new TreeMap<>();

    private long bytes;

    ExternalWeights(Path onnx, ModelProto model) {
        this.onnx = onnx;
        this.model = model;
        mapped(
                model.getGraph(),
                tensor -> {
                    String location = text(tensor, "location", "");
                    files.computeIfAbsent(location, name -> file(tensor, name));
                    bytes += number(tensor, "length", 0);
                    return tensor;
                });
        if (bytes > MOST) {
            throw BundleException.of(
                    onnx,
                    "weights",
                    "%.1f GiB".formatted(bytes / (double) (1 << 30)),
                    "is more than one ONNX file can hold, which is 2 GiB; give a smaller model");
        }
    }

    private Path file(TensorProto tensor, String location) {
        try {
            Path folder = onnx.toAbsolutePath().normalize().getParent();
            Path file = folder.resolve(location).normalize();
            if (!location.isEmpty() && file.startsWith(folder) && Files.isRegularFile(file)) {
                return file;
            }
        } catch (InvalidPathException e) {
            // It is no file of the folder either.
        }
        throw wrong(
                tensor,
                location,
                "is the file that holds them, and is not in the bundle's folder; put it there"
                        + " under this name");
    }

    /** A digest of each file, in the order of their names. */
    List<String> digests() {
        List<String> digests = new ArrayList<>();
        for (Path file : files.values()) {
            try {
                digests.add(Sha256.hex(file));
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }
        return digests;
    }

    /** The model with the weights in it. */
    ModelProto inlined() {
        if (files.isEmpty()) {
            return model;
        }
        Map<Path, FileChannel> opened = new HashMap<>();
        try {
            for (Path file : files.values()) {
                opened.put(file, FileChannel.open(file));
            }
            GraphProto graph =
                    mapped(
                            model.getGraph(),
                            tensor ->
                                    inlined(
                                            tensor,
                                            opened.get(files.get(text(tensor, "location", "")))));
            return model.toBuilder().setGraph(graph).build();
        } catch (IOException e) {
            throw unreadable(onnx.resolveSibling(files.keySet().iterator().next()), e);
        } finally {
            opened.values().forEach(ExternalWeights::close);
        }
    }

    private TensorProto inlined(TensorProto tensor, FileChannel file) {
        try {
            long offset = number(tensor, "offset", 0);
            long length = number(tensor, "length", file.size() - offset);
            if (offset < 0 || length < 0 || length > file.size() - offset) {
                throw wrong(
                        tensor,
                        text(tensor, "location", ""),
                        "has %,d bytes, and they are %,d from %,d on; copy the whole file again"
                                .formatted(file.size(), length, offset));
            }
            return tensor.toBuilder()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(read(file, offset, Math.toIntExact(length)))
                    .build();
        } catch (IOException | ArithmeticException e) {
            throw wrong(
                    tensor,
                    text(tensor, "location", ""),
                    "cannot be read (" + e + "); copy it again");
        }
    }

    private static ByteString read(FileChannel file, long offset, int length) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(length);
        while (content.hasRemaining()) {
            if (file.read(content, offset + content.position()) < 0) {
                throw new EOFException("the file became shorter");
            }
        }
        return UnsafeByteOperations.unsafeWrap(content.flip());
    }

    /** The graph with each tensor replaced that is kept elsewhere, in the bodies of nodes too. */
    private static GraphProto mapped(GraphProto graph, UnaryOperator<TensorProto> change) {
        GraphProto.Builder mapped = graph.toBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            if (isElsewhere(graph.getInitializer(i))) {
                mapped.setInitializer(i, change.apply(graph.getInitializer(i)));
            }
        }
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            for (int k = 0; k < node.getAttributeCount(); k++) {
                AttributeProto attribute = node.getAttribute(k);
                if (attribute.hasT() && isElsewhere(attribute.getT())) {
                    mapped.getNodeBuilder(i)
                            .getAttributeBuilder(k)
                            .setT(change.apply(attribute.getT()));
                } else if (attribute.hasG()) {
                    mapped.getNodeBuilder(i)
                            .getAttributeBuilder(k)
                            .setG(mapped(attribute.getG(), change));
                }
            }
        }
        return mapped.build();
    }

    private static boolean isElsewhere(TensorProto tensor) {
        return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }

    private static String text(TensorProto tensor, String key, String otherwise) {
        return tensor.getExternalDataList().stream()
                .filter(entry -> entry.getKey().equals(key))
                .map(StringStringEntryProto::getValue)
                .findFirst()
                .orElse(otherwise);
    }

    private long number(TensorProto tensor, String key, long otherwise) {
        String value = text(tensor, key, Long.toString(otherwise));
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw wrong(tensor, value, "is no " + key + "; export the model again");
        }
    }

    private BundleException wrong(TensorProto tensor, String value, String remedy) {
        return BundleException.of(onnx, "weights " + tensor.getName(), value, remedy);
    }

    private static BundleException unreadable(Path file, IOException e) {
        return BundleException.of(
                file, "weights", e, "cannot be read; check the file's permissions");
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It was only read.
        }
    }
}
