using System.Reflection;
using System.Reflection.Emit;

namespace MessageBus.UnitTests;

/// <summary>A type of ours, and another one that it names anywhere: in its declaration, in a signature, or in the body of a method. Constants are in neither.</summary>
public sealed record TypeUse(Type From, Type To);

/// <summary>Finds by reflection which types of ours a type uses.</summary>
public static class TypeUses
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Every use of one of our types by another.</summary>
    public static IEnumerable<TypeUse> Of(Assembly assembly) =>
        (from type in assembly.GetTypes()
         where IsOurs(type)
         from used in UsedBy(type).SelectMany(Parts)
         where IsOurs(used) && used != type
         select new TypeUse(type, used)).Distinct();

    /// <summary>Compiled regular expressions and the like stand in namespaces of the framework.</summary>
    private static bool IsOurs(Type type) => type.Namespace is { } name && (name is "MessageBus" || name.StartsWith("MessageBus.", StringComparison.Ordinal));

    private static IEnumerable<Type> UsedBy(Type type)
    {
        IEnumerable<Type> declaration =
        [
            .. type.BaseType is { } parent ? [parent] : Type.EmptyTypes,
            .. type.GetInterfaces(),
            .. type.GetGenericArguments().Where(argument => argument.IsGenericParameter).SelectMany(argument => argument.GetGenericParameterConstraints()),
            .. AttributesOf(type),
        ];
        var fields = type.GetFields(Declared).SelectMany(field => AttributesOf(field).Append(field.FieldType));
        var properties = type.GetProperties(Declared).SelectMany(property => AttributesOf(property).Append(property.PropertyType));
        var methods = type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)).SelectMany(UsedBy);
        return declaration.Concat(fields).Concat(properties).Concat(methods);
    }

    private static IEnumerable<Type> UsedBy(MethodBase method) =>
    [
        .. AttributesOf(method),
        .. method.GetParameters().SelectMany(parameter => AttributesOf(parameter).Append(parameter.ParameterType)),
        .. method is MethodInfo { ReturnType: var result } ? [result] : Type.EmptyTypes,
        .. method.GetMethodBody() is { } body ? UsedBy(method, body) : [],
    ];

    private static IEnumerable<Type> UsedBy(MethodBase method, MethodBody body) =>
    [
        .. body.LocalVariables.Select(local => local.LocalType),
        .. body.ExceptionHandlingClauses.Where(clause => clause.Flags is ExceptionHandlingClauseOptions.Clause).Select(clause => clause.CatchType).OfType<Type>(),
        .. TokensIn(body.GetILAsByteArray()!).SelectMany(token => UsedBy(Resolve(method, token))),
    ];

    private static IEnumerable<Type> UsedBy(MemberInfo? member) => member switch
    {
        Type type => [type],
        MethodInfo { IsGenericMethod: true } generic => [generic.DeclaringType!, generic.ReturnType, .. generic.GetGenericArguments()],
        MethodInfo method => [method.DeclaringType ?? typeof(object), method.ReturnType],
        FieldInfo field => [field.DeclaringType!, field.FieldType],
        { DeclaringType: { } declaring } => [declaring],
        _ => [],
    };

    private static IEnumerable<Type> AttributesOf(ICustomAttributeProvider provider)
    {
        var attributes = provider switch
        {
            MemberInfo member => member.GetCustomAttributesData(),
            ParameterInfo parameter => parameter.GetCustomAttributesData(),
            _ => [],
        };
        return attributes.SelectMany(attribute => attribute.ConstructorArguments.Select(argument => argument.Value).OfType<Type>().Append(attribute.AttributeType));
    }

    /// <summary>A constructed type and what it is made of.</summary>
    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericParameter ? []
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];

    private static MemberInfo? Resolve(MethodBase method, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, ofType, method.IsGenericMethod ? method.GetGenericArguments() : null);
    }

    /// <summary>The operands that name a member (ECMA-335, partition III).</summary>
    private static IEnumerable<int> TokensIn(byte[] il)
    {
        for (var at = 0; at < il.Length;)
        {
            var code = OpCodes[il[at] is 0xFE ? (short)(0xFE00 | il[at + 1]) : il[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(il, at);
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }
}
