import asyncio


async def later(n):
    await asyncio.sleep(0)
    return int(n)


async def main():
    return sum(await asyncio.gather(*map(later, input().split())))


print(asyncio.run(main()))
